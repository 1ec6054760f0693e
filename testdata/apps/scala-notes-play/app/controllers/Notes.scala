package controllers

import anorm._
import anorm.SqlParser._
import javax.inject.Inject
import play.api.db.Database
import play.api.mvc._

class Notes @Inject() (db: Database, cc: ControllerComponents) extends AbstractController(cc) {

  def index: Action[AnyContent] = Action { implicit request =>
    val notes = db.withConnection { implicit c =>
      SQL"select text from note order by id desc".as(str("text").*)
    }
    Ok(views.html.index(notes))
  }

  def add: Action[Map[String, Seq[String]]] = Action(parse.formUrlEncoded) { request =>
    request.body.get("text").flatMap(_.headOption).filter(_.nonEmpty).foreach { text =>
      db.withConnection { implicit c => SQL"insert into note (text) values ($text)".executeInsert() }
    }
    Redirect(routes.Notes.index)
  }
}
