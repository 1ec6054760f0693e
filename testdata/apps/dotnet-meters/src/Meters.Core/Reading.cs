using System;

namespace Meters.Core
{
    public class Reading
    {
        public int Id { get; set; }
        public string Meter { get; set; }
        public DateTime TakenAt { get; set; }
        public decimal KilowattHours { get; set; }
        public decimal Cost { get; set; }
    }
}
