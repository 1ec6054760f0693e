using System;
using System.Data.Entity;

namespace Bookings.Data
{
    public class BookingsContext : DbContext
    {
        public BookingsContext() : base("name=BookingsContext")
        {
        }

        public DbSet<Room> Rooms { get; set; }
        public DbSet<Booking> Bookings { get; set; }
    }

    public class Room
    {
        public int Id { get; set; }
        public string Name { get; set; }
        public int Seats { get; set; }
    }

    public class Booking
    {
        public int Id { get; set; }
        public virtual Room Room { get; set; }
        public string Who { get; set; }
        public DateTime On { get; set; }
    }
}
