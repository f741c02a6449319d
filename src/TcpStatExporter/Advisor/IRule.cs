namespace TcpStatExporter.Advisor;

/// <summary>One thing that may be wrong with the TCP of a host, and what to do about it. Keeps nothing between calls.</summary>
internal interface IRule
{
    /// <summary>Its name for ever: a label value, and what scripts look for.</summary>
    string Id { get; }

    /// <summary>How bad it is where it holds.</summary>
    Severity Severity { get; }

    /// <summary>What it looks for, as a clause: "a listener loses connections".</summary>
    string Subject { get; }

    /// <summary>The runbook that says more: that of an alert, or one below "advice/". A finding may name another.</summary>
    string Runbook { get; }

    /// <summary>Most hosts have it, and live well: told only when asked.</summary>
    bool IsCommon => false;

    /// <summary>It is about a kernel parameter, which is no incident: nothing begins or ends.</summary>
    bool IsSetting => false;

    /// <summary>It judges what all network namespaces of the host share, and is judged once, with the host's own.</summary>
    bool IsHostWide => false;

    /// <summary>What the log calls one incident: rules that see the same trouble grow or fade share the name.</summary>
    string Incident => Id;

    /// <summary>Judges.</summary>
    /// <param name="context">What is known of the host.</param>
    RuleResult Judge(AdvisorContext context);
}
