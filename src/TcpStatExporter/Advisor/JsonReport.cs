using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using TcpStatExporter.Kernel.Model;
using TcpStatExporter.Namespaces;

namespace TcpStatExporter.Advisor;

/// <summary>
/// The JSON report for scripts. Its schema is stable: while "version" is 1, members are added but never renamed or removed.
/// </summary>
internal static class JsonReport
{
    private const int Version = 1;

    // not part of a web page, so text for people needs no extra escaping
    private static readonly JsonWriterOptions Form = new() { Indented = true, NewLine = "\n", Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Writes the whole report.</summary>
    /// <param name="advice">What the rules said.</param>
    /// <param name="exitCode">Exit code of the program.</param>
    /// <param name="isAll">With what most hosts have.</param>
    /// <param name="others">What was found in other network namespaces.</param>
    /// <returns>UTF-8, with a newline at its end.</returns>
    public static ReadOnlyMemory<byte> Write(Advice advice, int exitCode, bool isAll = false, IReadOnlyList<NetnsFindings>? others = null)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer, Form))
        {
            json.WriteStartObject();
            json.WriteNumber("version", Version);
            json.WriteNumber("time", advice.UnixMilliseconds / 1000.0);
            json.WriteNumber("window_seconds", Math.Round(advice.Window.TotalSeconds, 3));
            json.WriteNumber("exit_code", exitCode);
            json.WriteStartObject("verdict");
            json.WriteString("level", advice.Verdict.Level.Name());
            json.WriteString("text", advice.Verdict.Text);
            json.WriteString("also", advice.Verdict.Also);
            json.WriteEndObject();
            WriteText(json, "worst", advice.Worst is { } worst ? worst.Name() : null);
            json.WriteBoolean("partial", advice.IsPartial);
            json.WriteStartArray("findings");
            foreach (var (rule, finding) in advice.Told(isAll))
            {
                WriteFinding(json, rule, finding, advice.Runbooks);
            }

            json.WriteEndArray();
            WriteList(json, "hidden", isAll ? [] : advice.Common.Select(found => found.Rule.Id));
            WriteList(json, "not_found", advice.Judged.Where(judged => judged.RuleResult is { Finding: null, Reason: null }).Select(judged => judged.Rule.Id));
            WriteUntold(json, advice);
            WriteCounters(json, advice);
            WriteOthers(json, others ?? []);
            json.WriteEndObject();
        }

        buffer.Write("\n"u8);
        return buffer.WrittenMemory;
    }

    /// <summary>Writes one finding.</summary>
    /// <param name="json">The writer.</param>
    /// <param name="rule">The rule.</param>
    /// <param name="finding">Its finding.</param>
    /// <param name="runbooks">Location of the runbooks.</param>
    public static void WriteFinding(Utf8JsonWriter json, IRule rule, Finding finding, Runbooks runbooks)
    {
        json.WriteStartObject();
        json.WriteString("id", rule.Id);
        json.WriteString("severity", rule.Severity.Name());
        json.WriteString("title", finding.Title);
        json.WriteStartArray("listeners");
        foreach (var listener in finding.Listeners)
        {
            json.WriteStartObject();
            json.WriteString("address", listener.AddressText);
            json.WriteNumber("port", listener.Port);
            json.WriteString("unit", listener.Unit);
            json.WriteString("device", listener.Device);
            WriteText(json, "processes", listener.Processes.Length == 0 ? null : listener.Processes);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteNumber("lost", finding.Lost);
        WriteList(json, "measured", finding.Measured);
        json.WriteString("why", finding.Why);
        json.WriteStartArray("changes");
        foreach (var change in finding.Changes)
        {
            json.WriteStartObject();
            json.WriteString("text", change.Text);
            if (change.Parameter is { } parameter)
            {
                json.WriteStartObject("sysctl");
                json.WriteString("name", parameter.Name());
                json.WriteString("value", change.Value);
                json.WriteString("old", change.Old);
                json.WriteEndObject();
            }

            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteString("cost", finding.Cost);
        WriteText(json, "folklore", finding.Folklore);
        json.WriteString("runbook", runbooks.Url(finding.Runbook));
        json.WriteEndObject();
    }

    private static void WriteOthers(Utf8JsonWriter json, IReadOnlyList<NetnsFindings> others)
    {
        json.WriteStartArray("namespaces");
        foreach (var other in others)
        {
            json.WriteStartObject();
            json.WriteString("netns", other.Identity.Name);
            json.WriteString("kind", other.Identity.Kind.Name());
            json.WriteString("kubernetes_namespace", other.Identity.KubernetesNamespace);
            json.WriteString("kubernetes_pod", other.Identity.KubernetesPod);
            json.WriteStartArray("findings");
            foreach (var (rule, finding) in other.Advice.Findings)
            {
                WriteFinding(json, rule, finding, other.Advice.Runbooks);
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static void WriteUntold(Utf8JsonWriter json, Advice advice)
    {
        json.WriteStartArray("cannot_tell");
        foreach (var (rule, judgement) in advice.Judged)
        {
            if (judgement.Reason is { } reason)
            {
                json.WriteStartObject();
                json.WriteString("id", rule.Id);
                json.WriteString("severity", rule.Severity.Name());
                json.WriteString("reason", reason);
                json.WriteEndObject();
            }
        }

        json.WriteEndArray();
    }

    private static void WriteCounters(Utf8JsonWriter json, Advice advice)
    {
        json.WriteStartArray("counters");
        foreach (var counter in advice.Counters)
        {
            json.WriteStartObject();
            json.WriteString("name", counter.Name);
            json.WriteNumber("since_boot", counter.SinceBoot);
            json.WriteNumber("in_window", counter.InWindow);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static void WriteList(Utf8JsonWriter json, string name, IEnumerable<string> lines)
    {
        json.WriteStartArray(name);
        foreach (var line in lines)
        {
            json.WriteStringValue(line);
        }

        json.WriteEndArray();
    }

    public static void WriteText(Utf8JsonWriter json, string name, string? text)
    {
        if (text is null)
        {
            json.WriteNull(name);
        }
        else
        {
            json.WriteString(name, text);
        }
    }
}
