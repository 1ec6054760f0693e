name := "notes"
organization := "com.example"
version := "1.2.0"

lazy val root = (project in file(".")).enablePlugins(PlayScala)

scalaVersion := "2.13.12"

val anormVersion = "2.7.0"

libraryDependencies ++= Seq(
  guice,
  jdbc,
  evolutions,
  "org.playframework.anorm" %% "anorm" % anormVersion,
  "org.postgresql" % "postgresql" % "42.5.4",
  "org.scalatestplus.play" %% "scalatestplus-play" % "6.0.1" % Test
)
