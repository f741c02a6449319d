using System.Text.Json.Nodes;

namespace TcpStatExporter.Shipped.Tests.Deploy;

/// <summary>The kustomize component that adds the opener to the DaemonSet.</summary>
internal static class OpenerPatch
{
    public const string Folder = "deploy/kubernetes/opener";

    private static IEnumerable<JsonNode> Operations => Yaml.Read($"{Folder}/opener.yaml").AsArray().Select(operation => operation!);

    /// <summary>Applies it as kustomize does (RFC 6902). It only appends to lists.</summary>
    /// <param name="daemonSet">The DaemonSet, which is changed.</param>
    public static JsonNode ApplyTo(JsonNode daemonSet)
    {
        foreach (var operation in Operations)
        {
            var path = operation.Text("path").Split('/', StringSplitOptions.RemoveEmptyEntries);
            if (operation.Text("op") != "add" || path[^1] != "-")
            {
                throw new InvalidOperationException($"{operation.ToJsonString()} does not append to a list");
            }

            var list = path[..^1].Aggregate(daemonSet, (node, name) => int.TryParse(name, out var index) ? node[index]! : node[name]!);
            list.AsArray().Add(operation["value"]!.DeepClone());
        }

        return daemonSet;
    }
}
