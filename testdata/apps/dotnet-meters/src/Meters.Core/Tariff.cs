namespace Meters.Core
{
    public class Tariff
    {
        private readonly decimal _price;

        public Tariff(string region)
        {
            _price = region == "north" ? 0.31m : 0.27m;
        }

        public decimal CostOf(decimal kilowattHours) => kilowattHours * _price;
    }
}
