namespace TcpStatExporter.Advisor;

/// <summary>One thing that may be wrong with the TCP of a host, and what to do about it. Keeps nothing between calls.</summary>
internal interface IRule
{
    /// <summary>Its name for ever: a label value, and what scripts look for.</summary>
    string Id { get; }

    /// <summary>How bad it is where it holds.</summary>
    Severity Severity { get; }

    /// <summary>What it looks for, as a clause: "a listener drops connections".</summary>
    string Subject { get; }

    /// <summary>Judges.</summary>
    /// <param name="context">What is known of the host.</param>
    Judgement Judge(AdvisorContext context);
}
