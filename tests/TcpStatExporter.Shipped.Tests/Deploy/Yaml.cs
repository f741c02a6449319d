using System.Text.Json;
using System.Text.Json.Nodes;
using Shouldly;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;
using YamlDotNet.Serialization;

namespace TcpStatExporter.Shipped.Tests.Deploy;

/// <summary>Parses YAML to JSON. Numbers and booleans are converted, as for all readers of these files.</summary>
internal static class Yaml
{
    public static JsonNode Read(string path) => Documents(path).Single();

    public static IReadOnlyList<JsonNode> Documents(string path) => Parse(Repository.Read(path));

    /// <summary>Returns the documents of a text, without empty ones.</summary>
    public static IReadOnlyList<JsonNode> Parse(string text)
    {
        var parser = new Parser(new StringReader(text));
        var deserializer = new DeserializerBuilder().WithAttemptingUnquotedStringTypeDeserialization().WithDuplicateKeyChecking().Build();
        var serializer = new SerializerBuilder().JsonCompatible().Build();
        var documents = new List<JsonNode>();
        parser.Consume<StreamStart>();
        while (parser.Accept<DocumentStart>(out _))
        {
            if (deserializer.Deserialize<object?>(parser) is { } document)
            {
                documents.Add(JsonNode.Parse(serializer.Serialize(document))!);
            }
        }

        return documents;
    }

    /// <summary>Returns the node at a path, or null if any part of the path is missing.</summary>
    public static JsonNode? At(this JsonNode node, params ReadOnlySpan<object> path)
    {
        JsonNode? at = node;
        foreach (var step in path)
        {
            at = step switch
            {
                string name => (at as JsonObject)?[name],
                int index => at is JsonArray array && index < array.Count ? array[index] : null,
                _ => throw new ArgumentException($"{step} is no step", nameof(path)),
            };
        }

        return at;
    }

    public static string Text(this JsonNode node, params ReadOnlySpan<object> path) => node.At(path)?.ToString() ?? "";

    public static IEnumerable<JsonNode> Items(this JsonNode node, params ReadOnlySpan<object> path) => (node.At(path) as JsonArray ?? []).Select(item => item!);

    public static Dictionary<string, string> Map(this JsonNode node, params ReadOnlySpan<object> path) =>
        (node.At(path) as JsonObject ?? []).ToDictionary(pair => pair.Key, pair => pair.Value!.ToString(), StringComparer.Ordinal);

    /// <summary>Fails unless two documents are equal, however their numbers are written.</summary>
    public static void Same(JsonNode actual, JsonNode expected)
    {
        var (one, other) = (Normal(actual).ToJsonString(), Normal(expected).ToJsonString());
        JsonNode.DeepEquals(Normal(actual), Normal(expected)).ShouldBeTrue($"{one}\n\nrather than\n\n{other}");
    }

    private static JsonNode Normal(JsonNode? node) => node switch
    {
        JsonObject map => new JsonObject(map.Select(pair => KeyValuePair.Create(pair.Key, pair.Value is null ? null : Normal(pair.Value)))),
        JsonArray array => new JsonArray([.. array.Select(item => item is null ? null : Normal(item))]),
        JsonValue value when value.GetValueKind() == JsonValueKind.Number => JsonValue.Create(value.GetValue<double>()),
        _ => node!.DeepClone(),
    };
}
