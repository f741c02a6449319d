namespace TcpStatExporter.Advisor;

/// <summary>The one line to read first.</summary>
/// <param name="Level">How things stand.</param>
/// <param name="Text">What is the matter: a sentence without its full stop.</param>
/// <param name="Also">What else there is, in a few words; empty where there is nothing.</param>
internal sealed record Verdict(VerdictLevel Level, string Text, string Also);
