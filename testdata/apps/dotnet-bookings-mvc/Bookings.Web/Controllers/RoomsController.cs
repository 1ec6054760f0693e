using System;
using System.Configuration;
using System.IO;
using System.Linq;
using System.Net.Mail;
using System.Web;
using System.Web.Mvc;
using Bookings.Data;
using log4net;

namespace Bookings.Web.Controllers
{
    public class RoomsController : Controller
    {
        private static readonly ILog Log = LogManager.GetLogger(typeof(RoomsController));
        private readonly BookingsContext _db = new BookingsContext();

        public ActionResult Index()
        {
            Session["LastVisit"] = DateTime.Now;
            return View(_db.Rooms.OrderBy(r => r.Name).ToList());
        }

        [HttpPost]
        public ActionResult Plan(int id, HttpPostedFileBase plan)
        {
            plan.SaveAs(Path.Combine(Server.MapPath("~/App_Data/plans"), id + ".pdf"));
            Log.Info("A plan of room " + id + " was put in place");
            return RedirectToAction("Index");
        }

        [HttpPost]
        public ActionResult Book(int id, string who)
        {
            var room = _db.Rooms.Find(id);
            _db.Bookings.Add(new Booking { Room = room, Who = who, On = DateTime.Today });
            _db.SaveChanges();
            using (var mail = new SmtpClient())
            {
                mail.Send(ConfigurationManager.AppSettings["ConfirmationSender"], who, "Your room", room.Name + " is yours.");
            }
            return RedirectToAction("Index");
        }
    }
}
