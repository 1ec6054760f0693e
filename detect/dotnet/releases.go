package dotnet

import "github.com/drydock-cli/drydock/detect"

// asOf is the date on which the tables were read. What ends later is not reported as ended.
const asOf = "2026-11-01"

const (
	coreSource      = ".NET support policy, dotnet.microsoft.com (as of " + asOf + ")"
	frameworkSource = "learn.microsoft.com/lifecycle (as of " + asOf + ")"
)

// coreEnds are those of .NET Core and later. Source: the .NET support policy. Releases for a standard term are supported for 24
// months since .NET 9.
var coreEnds = map[string]string{
	"1.0": "2019-06-27", "1.1": "2019-06-27", "2.0": "2018-10-01", "2.1": "2021-08-21", "2.2": "2019-12-23", "3.0": "2020-03-03", "3.1": "2022-12-13",
	"5.0": "2022-05-10", "6.0": "2024-11-12", "7.0": "2024-05-14", "8.0": "2026-11-10", "9.0": "2026-11-10",
}

// frameworkEnds are those of the .NET Framework. Source: learn.microsoft.com/lifecycle/products/microsoft-net-framework. 3.5 and
// 4.6.2 and later are supported as part of the Windows that they stand on.
var frameworkEnds = map[string]string{
	"1.0": "2009-07-14", "1.1": "2013-10-08", "2.0": "2011-07-12", "3.0": "2011-07-12", "4.0": "2016-01-12", "4.5": "2016-01-12", "4.5.1": "2016-01-12",
	"4.5.2": "2022-04-26", "4.6": "2022-04-26", "4.6.1": "2022-04-26",
}

// endOfLife says that the .NET which the project is built for is no longer mended.
func (p *project) endOfLife() []detect.EndOfLife {
	table, name, source := coreEnds, ".NET ", coreSource
	switch {
	case p.target.family == dnx:
		return []detect.EndOfLife{{What: "DNX (the betas of ASP.NET Core)", Since: "2016-06-27", Source: "the release of .NET Core 1.0, which took its place"}}
	case p.isFramework():
		table, name, source = frameworkEnds, ".NET Framework ", frameworkSource
	case before(p.target.version, "5.0"):
		name = ".NET Core "
	}
	since := table[p.target.version]
	if since == "" || since > asOf {
		return nil
	}
	return []detect.EndOfLife{{What: name + p.target.version, Since: since, Source: source}}
}
