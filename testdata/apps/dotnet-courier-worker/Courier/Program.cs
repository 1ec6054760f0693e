using Courier;

var host = Host.CreateDefaultBuilder(args)
    .ConfigureServices(services => services.AddHostedService<LabelPrinter>())
    .Build();

await host.RunAsync();
