using Meters.Core;
using Xunit;

namespace Meters.Tests
{
    public class TariffTests
    {
        [Fact]
        public void TheNorthPaysMore() => Assert.Equal(3.1m, new Tariff("north").CostOf(10));
    }
}
