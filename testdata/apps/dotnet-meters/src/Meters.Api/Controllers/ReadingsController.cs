using System.Collections.Generic;
using System.Threading.Tasks;
using Meters.Api.Data;
using Meters.Core;
using System.Linq;
using Microsoft.AspNetCore.Mvc;
using Microsoft.EntityFrameworkCore;

namespace Meters.Api.Controllers
{
    [ApiController]
    [Route("api/readings")]
    public class ReadingsController : ControllerBase
    {
        private readonly MetersContext _context;
        private readonly Tariff _tariff;

        public ReadingsController(MetersContext context, Tariff tariff)
        {
            _context = context;
            _tariff = tariff;
        }

        [HttpGet]
        public async Task<List<Reading>> List()
        {
            return await _context.Readings.OrderByDescending(r => r.TakenAt).Take(100).ToListAsync();
        }

        [HttpPost]
        public async Task<ActionResult<Reading>> Take(Reading reading)
        {
            reading.Cost = _tariff.CostOf(reading.KilowattHours);
            _context.Readings.Add(reading);
            await _context.SaveChangesAsync();
            return CreatedAtAction(nameof(List), new { id = reading.Id }, reading);
        }
    }
}
