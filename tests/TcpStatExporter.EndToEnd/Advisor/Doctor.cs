using System.Net;
using System.Text.Json;
using Shouldly;
using TcpStatExporter.EndToEnd.Exporter;

namespace TcpStatExporter.EndToEnd.Advisor;

/// <summary>
/// One run of doctor in a namespace, read like a script would. It leaves out the pods and containers of this machine, which other
/// tests make.
/// </summary>
internal sealed class Doctor
{
    private readonly JsonElement _report;

    private Doctor(CommandResult result)
    {
        Result = result;
        using var json = JsonDocument.Parse(result.Output);
        _report = json.RootElement.Clone();
        _report.GetProperty("exit_code").GetInt32().ShouldBe(result.ExitCode, result.Error);
    }

    /// <summary>The result of the program.</summary>
    public CommandResult Result { get; }

    /// <summary>
    /// Ids of the findings, without the one about the machine's packet backlogs: other tests flood them at the same time.
    /// </summary>
    public IReadOnlyList<string> Found =>
        [.. _report.GetProperty("findings").EnumerateArray().Select(finding => finding.GetProperty("id").GetString()!).Where(id => id != "softnet-drops")];

    /// <summary>Runs doctor until it ends.</summary>
    /// <param name="ns">The namespace.</param>
    /// <param name="arguments">Arguments in addition to the format.</param>
    public static Doctor Examine(NetNamespace ns, params string[] arguments) =>
        new(ExporterProcess.Run(ns, asNobody: false, ["doctor", "--netns", "host", "--format", "json", .. arguments]));

    /// <summary>Runs doctor until it ends, with an action while it watches.</summary>
    /// <param name="ns">The namespace.</param>
    /// <param name="happen">The action.</param>
    public static Doctor ExamineDuring(NetNamespace ns, Action happen) => new(DuringWatch.Run(ns, happen, "doctor", "--netns", "host", "--format", "json"));

    /// <summary>Runs doctor until it ends, with an action while it watches.</summary>
    /// <param name="ns">The namespace.</param>
    /// <param name="time">How long it watches. Must be longer than the action takes.</param>
    /// <param name="happen">The action.</param>
    public static Doctor ExamineDuring(NetNamespace ns, TimeSpan time, Action happen) => new(DuringWatch.Run(ns, time, happen, "doctor", "--netns", "host", "--format", "json"));

    /// <summary>Runs doctor until it ends, while clients keep connecting to a listener.</summary>
    /// <param name="ns">The namespace.</param>
    /// <param name="listener">The listener.</param>
    public static Doctor ExamineBusy(NetNamespace ns, IPEndPoint listener)
    {
        using var clients = new RestlessClients(ns, listener);
        return Examine(ns, "--for", "4s");
    }

    /// <summary>Returns a finding. It must exist.</summary>
    /// <param name="id">Its id.</param>
    public JsonElement Finding(string id)
    {
        Found.ShouldContain(found => found == id, Result.Output);
        return _report.GetProperty("findings").EnumerateArray().Single(finding => finding.GetProperty("id").GetString() == id);
    }

    /// <summary>Returns the endpoints of the listeners in a finding.</summary>
    /// <param name="id">Its id.</param>
    public IReadOnlyList<IPEndPoint> Listeners(string id) =>
    [
        .. Finding(id).GetProperty("listeners").EnumerateArray().Select(listener =>
            new IPEndPoint(IPAddress.Parse(listener.GetProperty("address").GetString()!), listener.GetProperty("port").GetInt32())),
    ];

    /// <summary>Returns the unit that owns the only listener in a finding.</summary>
    /// <param name="id">Its id.</param>
    public string Owner(string id) => Finding(id).GetProperty("listeners").EnumerateArray().Single().GetProperty("unit").GetString()!;

    /// <summary>Sets the kernel parameters that a finding suggests, in the namespace.</summary>
    /// <param name="ns">The namespace.</param>
    /// <param name="id">The finding.</param>
    /// <returns>How many were set.</returns>
    public int Apply(NetNamespace ns, string id)
    {
        var settings = Finding(id).GetProperty("changes").EnumerateArray().Where(change => change.TryGetProperty("sysctl", out _)).ToArray();
        foreach (var setting in settings)
        {
            var sysctl = setting.GetProperty("sysctl");
            var name = sysctl.GetProperty("name").GetString()!;
            ns.GetSysctl(name).Replace('\t', ' ').ShouldBe(sysctl.GetProperty("old").GetString());
            ns.SetSysctl(name, sysctl.GetProperty("value").GetString()!);
        }

        return settings.Length;
    }

    /// <summary>Returns the backlog that a finding suggests for its listener.</summary>
    /// <param name="id">The finding.</param>
    public int AdvisedBacklog(string id)
    {
        const string Words = "listen with a backlog of ";
        var text = Finding(id).GetProperty("changes").EnumerateArray()
            .Select(change => change.GetProperty("text").GetString()!)
            .Single(change => change.Contains(Words, StringComparison.Ordinal));
        var start = text.IndexOf(Words, StringComparison.Ordinal) + Words.Length;
        return int.Parse(text.AsSpan(start, text.IndexOf(' ', start) - start), System.Globalization.CultureInfo.InvariantCulture);
    }
}
