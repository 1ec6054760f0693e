using Meters.Core;
using Microsoft.EntityFrameworkCore;

namespace Meters.Api.Data
{
    public class MetersContext : DbContext
    {
        public MetersContext(DbContextOptions<MetersContext> options) : base(options)
        {
        }

        public DbSet<Reading> Readings { get; set; }
    }
}
