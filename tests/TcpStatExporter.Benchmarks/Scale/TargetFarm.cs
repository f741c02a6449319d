using System.Buffers;
using System.IO.Compression;
using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;

namespace TcpStatExporter.Benchmarks.Scale;

/// <summary>Many targets in one process. Each has its own address in 127.0.0.0/8, and all have the same path.</summary>
internal sealed class TargetFarm : IAsyncDisposable
{
    private const int Port = 10006;

    private readonly WebApplication _app;

    private TargetFarm(WebApplication app) => _app = app;

    /// <summary>Starts the targets.</summary>
    /// <param name="replay">Their pages.</param>
    /// <param name="time">The clock.</param>
    public static async Task<TargetFarm> StartAsync(Replay replay, TimeProvider time)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => kestrel.ListenAnyIP(Port));
        var app = builder.Build();
        var start = time.GetTimestamp();
        app.Run(async context =>
        {
            var page = new ArrayBufferWriter<byte>(64 * 1024);
            replay.Write(page, Host(context.Connection.LocalIpAddress!), time.GetElapsedTime(start).TotalSeconds);
            context.Response.ContentType = "application/openmetrics-text; version=1.0.0; charset=utf-8";
            context.Response.Headers.ContentEncoding = "gzip";
            await using var gzip = new GZipStream(context.Response.Body, CompressionLevel.Fastest);
            await gzip.WriteAsync(page.WrittenMemory);
        });
        await app.StartAsync();
        return new TargetFarm(app);
    }

    /// <summary>Returns the address of a target.</summary>
    /// <param name="host">The target's number.</param>
    public static string Address(int host) => $"127.{1 + (host >> 16)}.{(host >> 8) & 255}.{host & 255}:{Port}";

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private static int Host(IPAddress address)
    {
        var bytes = address.MapToIPv4().GetAddressBytes();
        return ((bytes[1] - 1) << 16) | (bytes[2] << 8) | bytes[3];
    }
}
