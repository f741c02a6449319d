namespace TcpStatExporter.Advisor;

/// <summary>Checks for one possible TCP problem of a host, and says what to do about it. Stateless.</summary>
internal interface IRule
{
    /// <summary>Its permanent name. It is a label value, and scripts depend on it.</summary>
    string Id { get; }

    /// <summary>The severity of its finding.</summary>
    Severity Severity { get; }

    /// <summary>What it checks for, as a clause: "a listener loses connections".</summary>
    string Subject { get; }

    /// <summary>
    /// The runbook with more details: that of an alert, or one below "advice/". A finding may name another one.
    /// </summary>
    string Runbook { get; }

    /// <summary>True if most hosts have it without harm. Shown only on request.</summary>
    bool IsCommon => false;

    /// <summary>True if it is about a kernel parameter. That is not an incident, because nothing begins or ends.</summary>
    bool IsSetting => false;

    /// <summary>
    /// True if it checks something that all network namespaces of the host share. It runs only for the host's own.
    /// </summary>
    bool IsHostWide => false;

    /// <summary>
    /// The name of the incident in the log. Rules that see the same problem at different stages share the name.
    /// </summary>
    string Incident => Id;

    /// <summary>Runs the rule.</summary>
    /// <param name="context">What is known of the host.</param>
    RuleResult Judge(AdvisorContext context);
}
