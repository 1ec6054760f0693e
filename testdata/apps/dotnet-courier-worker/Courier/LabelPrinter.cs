using System.Text;
using MySqlConnector;
using RabbitMQ.Client;
using RabbitMQ.Client.Events;
using SkiaSharp;

namespace Courier;

/// <summary>Draws a label for each parcel that is announced on the queue.</summary>
public class LabelPrinter : BackgroundService
{
    private readonly IConfiguration _configuration;
    private readonly ILogger<LabelPrinter> _logger;

    public LabelPrinter(IConfiguration configuration, ILogger<LabelPrinter> logger)
    {
        _configuration = configuration;
        _logger = logger;
    }

    protected override Task ExecuteAsync(CancellationToken stop)
    {
        var factory = new ConnectionFactory { Uri = new Uri(_configuration.GetConnectionString("Queue")) };
        var channel = factory.CreateConnection().CreateModel();
        channel.QueueDeclare("parcels", durable: true, exclusive: false, autoDelete: false);

        var consumer = new EventingBasicConsumer(channel);
        consumer.Received += (_, parcel) =>
        {
            Print(Encoding.UTF8.GetString(parcel.Body.Span));
            channel.BasicAck(parcel.DeliveryTag, multiple: false);
        };
        channel.BasicConsume("parcels", autoAck: false, consumer);
        return Task.CompletedTask;
    }

    private void Print(string parcel)
    {
        using var connection = new MySqlConnection(_configuration.GetConnectionString("Courier"));
        connection.Open();
        using var command = new MySqlCommand("SELECT address FROM parcels WHERE code = @code", connection);
        command.Parameters.AddWithValue("@code", parcel);
        var address = command.ExecuteScalar() as string ?? "unknown";

        using var label = new SKBitmap(600, 400);
        using var canvas = new SKCanvas(label);
        canvas.DrawText(address, 20, 60, new SKPaint { TextSize = 32 });
        using var data = label.Encode(SKEncodedImageFormat.Png, 90);
        var directory = _configuration["Labels:Directory"] ?? "labels";
        Directory.CreateDirectory(directory);
        using var file = File.Create(Path.Combine(directory, parcel + ".png"));
        data.SaveTo(file);
        _logger.LogInformation("Printed the label of {Parcel}", parcel);
    }
}
