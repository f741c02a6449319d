using System.Globalization;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace TcpStatExporter.Web;

/// <summary>
/// Reads a YAML file from the library's event stream, and stops at the first event that a configuration does not need. It
/// does not use the library's own trees: these follow an alias into itself until the stack overflows, and take time that
/// grows with the square of the depth. Any exception of the library means that the configuration cannot be used.
/// </summary>
internal sealed class YamlReader
{
    /// <summary>Maximum nesting depth of keys and lists. The format needs three.</summary>
    public const int MaxDepth = 8;

    /// <summary>Maximum number of keys and values. A hundred lines are a long file, and each user takes two.</summary>
    public const int MaxNodes = 20_000;

    private readonly string _file;
    private readonly string _text;
    private readonly Scanner _scanner;
    private readonly Parser _parser;
    private int _nodes;

    private YamlReader(string file, string text)
    {
        _file = file;
        _text = text;
        _scanner = new Scanner(new StringReader(text), skipComments: true);
        _parser = new Parser(_scanner);
    }

    /// <summary>Reads a file.</summary>
    /// <param name="file">Its path, for messages.</param>
    /// <param name="text">Its text.</param>
    /// <returns>The top-level value. Null for an empty file.</returns>
    /// <exception cref="WebConfigException">The file cannot be used.</exception>
    public static YamlNode? Read(string file, string text)
    {
        var reader = new YamlReader(file, text);
        try
        {
            return reader.Document();
        }
        catch (YamlException e)
        {
            throw reader.Wrong(e.Start.Line, e.Message.TrimEnd('.'));
        }
        catch (Exception e) when (e is not WebConfigException)
        {
            throw reader.Wrong(reader._scanner.CurrentPosition.Line, "this is not YAML");
        }
    }

    private static bool IsNull(Scalar scalar) =>
        scalar is { Style: ScalarStyle.Plain, Value: "" or "~" or "null" or "Null" or "NULL" };

    private YamlNode? Document()
    {
        RefuseControls();
        _parser.Consume<StreamStart>();
        YamlNode? root = null;
        if (_parser.TryConsume<DocumentStart>(out _))
        {
            root = Node(depth: 0);
            _parser.Consume<DocumentEnd>();
        }

        if (_parser.TryConsume<DocumentStart>(out var second))
        {
            throw Wrong(second.Start.Line, "more than one document");
        }

        _parser.Consume<StreamEnd>();
        return root;
    }

    private YamlNode Node(int depth)
    {
        if (_parser.TryConsume<AnchorAlias>(out var alias))
        {
            throw Wrong(alias.Start.Line, "aliases (*name) are not supported: write the value itself");
        }

        if (!_parser.Accept<NodeEvent>(out var node))
        {
            throw Wrong(_scanner.CurrentPosition.Line, "a value is missing");
        }

        var line = node.Start.Line;
        if (!node.Anchor.IsEmpty)
        {
            throw Wrong(line, "anchors (&name) are not supported: write the value where it is needed");
        }

        if (!node.Tag.IsEmpty)
        {
            throw Wrong(line, "tags (!name) are not supported: write the value without one");
        }

        if (++_nodes > MaxNodes)
        {
            throw Wrong(line, string.Create(CultureInfo.InvariantCulture, $"more than {MaxNodes} keys and values"));
        }

        if (_parser.TryConsume<Scalar>(out var scalar))
        {
            return new YamlNode(line) { Text = scalar.Value, IsNull = IsNull(scalar) };
        }

        if (depth == MaxDepth)
        {
            throw Wrong(line, string.Create(CultureInfo.InvariantCulture, $"more than {MaxDepth} levels of keys and lists"));
        }

        return _parser.TryConsume<SequenceStart>(out _)
            ? new YamlNode(line) { Items = List(depth + 1) }
            : new YamlNode(line) { Entries = Mapping(depth + 1) };
    }

    private List<YamlNode> List(int depth)
    {
        var items = new List<YamlNode>();
        while (!_parser.TryConsume<SequenceEnd>(out _))
        {
            items.Add(Node(depth));
        }

        return items;
    }

    private List<(string Key, long Line, YamlNode Value)> Mapping(int depth)
    {
        _parser.Consume<MappingStart>();
        var entries = new List<(string Key, long Line, YamlNode Value)>();
        var known = new HashSet<string>(StringComparer.Ordinal);
        while (!_parser.TryConsume<MappingEnd>(out _))
        {
            var key = Node(depth);
            if (key.Text is not { } name)
            {
                throw Wrong(key.Line, "a list or a mapping cannot be a key");
            }

            if (!known.Add(name))
            {
                throw Wrong(key.Line, $"{name}: duplicate key");
            }

            entries.Add((name, key.Line, Node(depth)));
        }

        return entries;
    }

    /// <summary>
    /// Rejects control characters. YAML allows only tabs and line ends, and the library treats a NUL as the end of the file
    /// and would ignore the rest.
    /// </summary>
    private void RefuseControls()
    {
        var line = 1;
        foreach (var c in _text)
        {
            if (c == '\n')
            {
                line++;
            }
            else if (char.IsControl(c) && c is not ('\t' or '\r' or '\u0085'))
            {
                throw Wrong(line, string.Create(CultureInfo.InvariantCulture, $"a control character, U+{(int)c:X4}"));
            }
        }
    }

    private WebConfigException Wrong(long line, string what) =>
        new(string.Create(CultureInfo.InvariantCulture, $"{_file}, line {line}: {what}."));
}
