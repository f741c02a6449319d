using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using TcpStatExporter.Advisor;
using TcpStatExporter.Kernel.Model;

namespace TcpStatExporter.View;

/// <summary>
/// The JSON view for scripts. Its schema is stable: while "version" is 1, members are added but never renamed or removed.
/// Unknown values are null.
/// </summary>
internal static class ViewJson
{
    private const int Version = 1;

    /// <summary>Writes the whole view.</summary>
    /// <param name="view">The view.</param>
    /// <param name="isIndented">
    /// True: for people, on several lines and with readable characters. False: for a web page, on one line.
    /// </param>
    /// <returns>UTF-8, ending with a newline.</returns>
    public static ReadOnlyMemory<byte> Write(HostView view, bool isIndented)
    {
        var form = new JsonWriterOptions
        {
            Indented = isIndented,
            NewLine = "\n",
            Encoder = isIndented ? JavaScriptEncoder.UnsafeRelaxedJsonEscaping : JavaScriptEncoder.Default,
        };
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer, form))
        {
            json.WriteStartObject();
            json.WriteNumber("version", Version);
            json.WriteString("host", view.Host);
            WriteNumber(json, "time", Time(view.UnixMilliseconds));
            WriteNumber(json, "sample_age_seconds", view.Age?.TotalSeconds);
            WriteNumber(json, "states_age_seconds", view.StatesAge?.TotalSeconds);
            json.WriteBoolean("is_stale", view.IsStale);
            WriteNumber(json, "watched_seconds", view.Watched.TotalSeconds);
            WriteNumber(json, "peak_window_seconds", view.PeakWindow.TotalSeconds);
            WriteNumber(json, "rate_window_seconds", view.RateWindow?.TotalSeconds);
            json.WriteStartObject("verdict");
            json.WriteString("level", view.Verdict.Level.Name());
            json.WriteString("text", view.Verdict.Text);
            json.WriteString("also", view.Verdict.Also);
            json.WriteEndObject();
            WriteHistory(json, "history_ages_seconds", view.HistoryTimes.Select(age => (double?)age.TotalSeconds));
            WriteStates(json, view);
            WriteTrend(json, "established", view.Established);
            WriteTrend(json, "drops_per_second", view.Lost);
            WriteTrend(json, "worst_fill_ratio", view.WorstFill);
            WriteListeners(json, view);
            WriteClosed(json, view);
            WriteUnixListeners(json, view);
            WriteCounters(json, view);
            WriteLimits(json, view);
            WritePeers(json, view);
            WriteFindings(json, view);
            WriteSources(json, view);
            WriteNamespaces(json, view);
            json.WriteEndObject();
        }

        buffer.Write("\n"u8);
        return buffer.WrittenMemory;
    }

    private static double? Time(long unixMilliseconds) => unixMilliseconds == 0 ? null : unixMilliseconds / 1000.0;

    private static void WriteNumber(Utf8JsonWriter json, string name, double? value)
    {
        json.WritePropertyName(name);
        WriteValue(json, value);
    }

    private static void WriteValue(Utf8JsonWriter json, double? value)
    {
        if (value is { } number && double.IsFinite(number))
        {
            json.WriteNumberValue(Math.Round(number, 3));
        }
        else
        {
            json.WriteNullValue();
        }
    }

    private static void WriteHistory(Utf8JsonWriter json, string name, IEnumerable<double?> values)
    {
        json.WriteStartArray(name);
        foreach (var value in values)
        {
            WriteValue(json, value);
        }

        json.WriteEndArray();
    }

    private static void WriteStates(Utf8JsonWriter json, HostView view)
    {
        WriteNumber(json, "close_wait_unaccepted", view.CloseWaitUnaccepted);
        WriteArray(json, "states", view.States, state =>
        {
            json.WriteString("state", state.State.Name());
            json.WriteNumber("now", state.Now);
            json.WriteNumber("peak", state.Peak);
            WriteHistory(json, "history", state.History);
        });
    }

    private static void WriteTrend(Utf8JsonWriter json, string name, Trend trend)
    {
        json.WriteStartObject(name);
        WriteNumber(json, "now", trend.Now);
        WriteNumber(json, "peak", trend.Peak);
        WriteHistory(json, "history", trend.History);
        json.WriteEndObject();
    }

    private static void WriteListeners(Utf8JsonWriter json, HostView view)
    {
        json.WriteNumber("listeners_left_out", view.ListenersLeftOut);
        WriteNumber(json, "swept", Time(view.SweptUnixMilliseconds));
        WriteArray(json, "listeners", view.Listeners, listener =>
        {
            json.WriteString("address", listener.Identity.AddressText);
            json.WriteNumber("port", listener.Identity.Port);
            json.WriteString("unit", listener.Identity.Unit);
            json.WriteString("device", listener.Identity.Device);
            JsonReport.WriteText(json, "processes", listener.Identity.Processes.Length == 0 ? null : listener.Identity.Processes);
            json.WriteString("trouble", listener.Condition.Name());
            json.WriteNumber("sockets", listener.Sockets);
            json.WriteNumber("queue_length", listener.Queue);
            WriteNumber(json, "queue_limit", listener.QueueLimit);
            json.WriteNumber("queue_peak", listener.QueuePeak);
            WriteNumber(json, "fill_ratio", listener.Fill);
            WriteNumber(json, "fill_ratio_peak", listener.FillPeak);
            WriteNumber(json, "oldest_seconds", listener.Oldest);
            WriteNumber(json, "oldest_seconds_peak", listener.OldestPeak);
            WriteNumber(json, "arrivals_per_second", listener.ArrivalsPerSecond);
            WriteNumber(json, "queued_bytes", listener.QueuedBytes);
            WriteNumber(json, "lost", listener.Lost?.Total);
            WriteNumber(json, "lost_accept_queue", listener.Lost?.AcceptQueue);
            WriteNumber(json, "lost_syn_queue", listener.Lost?.SynQueue);
            WriteNumber(json, "lost_other", listener.Lost?.Other);
            WriteNumber(json, "lost_per_second", listener.LostPerSecond);
            WriteNumber(json, "seconds_since_last_loss", listener.SinceLastLoss?.TotalSeconds);
            WriteNumber(json, "opened", Time(listener.OpenedUnixMilliseconds));
            WriteNumber(json, "drops", listener.Drops);
            WriteNumber(json, "drops_per_second", listener.DropsPerSecond);
            WriteNumber(json, "seconds_since_last_drop", listener.SinceLastDrop?.TotalSeconds);
            WriteNumber(json, "syn_queue_length", listener.SynQueue);
            WriteNumber(json, "syn_queue_peak", listener.SynQueuePeak);
            if (listener.Connections is not { } connections)
            {
                json.WriteNull("connections");
                return;
            }

            json.WriteStartObject("connections");
            foreach (var state in TcpStates.Known)
            {
                if (state != TcpState.Listen)
                {
                    json.WriteNumber(state.Name(), connections[state]);
                }
            }

            json.WriteEndObject();
        });
    }

    private static void WriteClosed(Utf8JsonWriter json, HostView view)
    {
        WriteNumber(json, "lost_unattributed", view.LostUnattributed);
        WriteArray(json, "closed_listeners", view.Closed, listener =>
        {
            json.WriteString("address", listener.Identity.AddressText);
            json.WriteNumber("port", listener.Identity.Port);
            json.WriteString("device", listener.Identity.Device);
            json.WriteString("unit", listener.Identity.Unit);
            json.WriteString("trouble", listener.Condition.Name());
            WriteNumber(json, "seconds_since_closed", listener.Ago.TotalSeconds);
            WriteNumber(json, "listened_seconds", listener.Listened.TotalSeconds);
            json.WriteNumber("lost", listener.Lost);
        });
    }

    private static void WriteUnixListeners(Utf8JsonWriter json, HostView view)
    {
        json.WriteNumber("unix_listeners_left_out", view.UnixListenersLeftOut);
        WriteArray(json, "unix_listeners", view.UnixListeners, listener =>
        {
            json.WriteString("path", listener.Identity.Path);
            json.WriteString("unit", listener.Identity.Unit);
            WriteNumber(json, "uid", listener.Uid);
            json.WriteNumber("sockets", listener.Sockets);
            json.WriteNumber("queue_length", listener.Queue);
            json.WriteNumber("queue_limit", listener.QueueLimit);
            json.WriteNumber("queue_peak", listener.QueuePeak);
            WriteNumber(json, "fill_ratio", listener.Fill);
            WriteNumber(json, "fill_ratio_peak", listener.FillPeak);
        });
    }

    private static void WriteCounters(Utf8JsonWriter json, HostView view) => WriteArray(json, "counters", view.Counters, counter =>
    {
        json.WriteString("name", counter.Name);
        WriteNumber(json, "per_second", counter.PerSecond);
        json.WriteNumber("since_boot", counter.SinceBoot);
        json.WriteBoolean("loss", counter.IsLoss);
        json.WriteString("help", counter.Help);
    });

    private static void WriteLimits(Utf8JsonWriter json, HostView view) => WriteArray(json, "limits", view.Limits, limit =>
    {
        json.WriteString("id", limit.Kind.Name());
        json.WriteString("name", limit.Name);
        json.WriteString("unit", limit.Kind switch
        {
            LimitKind.Memory or LimitKind.UdpReceiver => "bytes",
            LimitKind.EphemeralPorts or LimitKind.BusiestDestination => "ports",
            LimitKind.Conntrack => "entries",
            LimitKind.UnixListener => "connections",
            _ => "sockets",
        });
        json.WriteNumber("used", limit.Used);
        WriteNumber(json, "limit", limit.Limit);
        WriteNumber(json, "ratio", limit.Ratio);
        json.WriteString("setting", limit.Setting);
        json.WriteString("detail", limit.Detail);
    });

    private static void WriteNamespaces(Utf8JsonWriter json, HostView view) => WriteArray(json, "namespaces", view.Namespaces, one =>
    {
        json.WriteString("netns", one.Name);
        json.WriteString("kind", one.Kind);
        json.WriteNumber("namespaces", one.Namespaces);
        json.WriteBoolean("in_trouble", one.IsInTrouble);
        json.WriteBoolean("was_in_trouble", one.WasInTrouble);
        json.WriteNumber("established", one.Established);
        WriteNumber(json, "close_wait", one.CloseWait);
        json.WriteNumber("time_wait", one.TimeWait);
        json.WriteNumber("lost_recently", one.LostRecently);
        json.WriteNumber("lost", one.Lost);
        json.WriteNumber("other_lost", one.OtherLost);
        WriteNumber(json, "retransmitted_ratio", one.RetransmittedRatio);
        WriteNumber(json, "queue_fill", one.QueueFill);
    });

    private static void WritePeers(Utf8JsonWriter json, HostView view)
    {
        WriteNumber(json, "destinations_seconds", view.PeersTime?.TotalSeconds);
        WriteArray(json, "destinations", view.Peers, peer =>
        {
            json.WriteString("destination", peer.Name);
            json.WriteNumber("connections", peer.Connections);
            json.WriteNumber("sent_bytes", peer.Sent);
            json.WriteNumber("retransmitted_bytes", peer.Retransmitted);
            WriteNumber(json, "retransmitted_ratio", peer.Ratio);
            WriteSeconds(json, "round_trip_seconds", peer.RoundTrip);
        });
    }

    /// <summary>Writes a time that may be far below a millisecond.</summary>
    private static void WriteSeconds(Utf8JsonWriter json, string name, double? seconds)
    {
        if (seconds is { } known)
        {
            json.WriteNumber(name, Math.Round(known, 6));
        }
        else
        {
            json.WriteNull(name);
        }
    }

    private static void WriteFindings(Utf8JsonWriter json, HostView view)
    {
        WriteNumber(json, "judged", Time(view.JudgedUnixMilliseconds));
        if (view.Findings is null)
        {
            json.WriteNull("findings");
            return;
        }

        json.WriteStartArray("findings");
        foreach (var (rule, finding) in view.Findings)
        {
            JsonReport.WriteFinding(json, rule, finding, view.Runbooks);
        }

        json.WriteEndArray();
    }

    private static void WriteSources(Utf8JsonWriter json, HostView view) => WriteArray(json, "sources", view.Sources, source =>
    {
        json.WriteString("id", source.Name);
        JsonReport.WriteText(json, "method", source.Method.Length == 0 ? null : source.Method);
        json.WriteString("status", source.Result.Status.Name());
        JsonReport.WriteText(json, "error", source.Result.Error == SourceError.None ? null : source.Result.Error.Name());
    });

    /// <summary>Writes one object per item, or null if there is no list.</summary>
    private static void WriteArray<T>(Utf8JsonWriter json, string name, IReadOnlyList<T>? items, Action<T> write)
    {
        if (items is null)
        {
            json.WriteNull(name);
            return;
        }

        json.WriteStartArray(name);
        foreach (var item in items)
        {
            json.WriteStartObject();
            write(item);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }
}
