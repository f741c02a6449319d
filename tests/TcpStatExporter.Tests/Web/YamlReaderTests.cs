using System.Diagnostics;
using System.Text;
using Shouldly;
using TcpStatExporter.Web;
using Xunit;

namespace TcpStatExporter.Tests.Web;

public sealed class YamlReaderTests
{
    /// <summary>The library needs milliseconds for this on a quiet machine. A stalled machine may need seconds.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    [Fact]
    public void Keys_texts_and_lists_have_their_lines()
    {
        var root = YamlReader.Read("f", "a: 1\nb:\n  - x\n  - 'null'\nc: { d: ~ }\n").ShouldNotBeNull();
        root.Entries!.Select(entry => (entry.Key, entry.Line)).ShouldBe([("a", 1), ("b", 2), ("c", 5)]);
        root.Entries![0].Value.Text.ShouldBe("1");
        root.Entries[1].Value.Items!.Select(item => (item.Line, item.Text, item.IsNull)).ShouldBe([(3L, "x", false), (4L, "null", false)]);
        root.Entries[2].Value.Entries!.Single().Value.IsNull.ShouldBeTrue();
        YamlReader.Read("f", "# nothing\n").ShouldBeNull();
    }

    /// <summary>Reading does not stop at a document end marker, with or without content before it.</summary>
    [Theory]
    [InlineData("...\na: 1\n")]
    [InlineData("...\n...\na: 1\n")]
    [InlineData("# c\n...\n---\na: 1\n")]
    [InlineData("%YAML 1.1\n---\na: 1\n")]
    public void What_follows_a_document_end_is_not_ignored(string text) =>
        (Read(text) is not null || YamlReader.Read("f", text)?.Entries?.Count == 1).ShouldBeTrue();

    [Theory]
    [InlineData("a: &x 1", "f, line 1: anchors (&name) are not supported: ")]
    [InlineData("b: 1\na: *x", "f, line 2: aliases (*name) are not supported: ")]
    [InlineData("? &a [*a]", "f, line 1: anchors ")]
    [InlineData("? [*a]\n: 1", "f, line 1: aliases ")]
    [InlineData("a: &x [*x]\n", "f, line 1: anchors ")]
    [InlineData("a: !!str 1", "f, line 1: tags (!name) are not supported: ")]
    [InlineData("!x a: 1\n!y a: 2", "f, line 1: tags ")]
    [InlineData("! a: 1", "f, line 1: tags ")]
    [InlineData("a: 1\nb: 1\na: 2", "f, line 3: a: duplicate key.")]
    [InlineData("a: 1\n'a': 2", "f, line 2: a: duplicate key.")]
    [InlineData("? [a]\n: 1", "f, line 1: a list or a mapping cannot be a key.")]
    [InlineData("? {a: b}\n: 1", "f, line 1: a list or a mapping cannot be a key.")]
    [InlineData("a: 1\nb: \0\nc: 1", "f, line 2: a control character, U+0000.")]
    [InlineData("a: 1\n\u001b[2J", "f, line 2: a control character, U+001B.")]
    [InlineData("a: 1\n---\nb: 1", "f, line 2: more than one document.")]
    [InlineData("a: [", "f, line ")]
    [InlineData("a: [1\nb: 2", "f, line ")]
    [InlineData("a: 'b", "f, line ")]
    [InlineData("a: b: c", "f, line ")]
    [InlineData("a: 1\n...\nb: 1\n", "f, line ")]
    [InlineData("%", "f, line ")]
    [InlineData("a: \"\\q\"", "f, line ")]
    [InlineData("a: 1\n b: 1", "f, line ")]
    [InlineData("\t- a:\t- b", "f, line ")]
    public void Unsupported_YAML_gives_one_line(string text, string expected)
    {
        var message = Should.Throw<WebConfigException>(() => YamlReader.Read("f", text)).Message;
        message.ShouldStartWith(expected);
        message.ShouldNotContain("\n");
    }

    [Theory]
    [InlineData("[")]
    [InlineData("{")]
    [InlineData("- ")]
    [InlineData("? ")]
    [InlineData("[\n")]
    [InlineData("{a: ")]
    [InlineData("[[a]: ")]
    [InlineData("a:\n")]
    [InlineData("a: [1]\n")]
    [InlineData("- a\n")]
    [InlineData("!a ")]
    [InlineData("&a ")]
    [InlineData("\"")]
    [InlineData("'")]
    [InlineData("# c\n")]
    [InlineData("---\n")]
    [InlineData("...\n")]
    [InlineData("%TAG ! !\n")]
    [InlineData(" ")]
    [InlineData("x")]
    public void A_large_file_ends_soon_even_with_repetitions(string piece)
    {
        var text = new StringBuilder().Insert(0, piece, 500_000 / piece.Length).ToString();
        Read("a: 1"); // exclude JIT compilation
        var started = Stopwatch.GetTimestamp();
        Read(text);
        Read(Indented(piece));
        Stopwatch.GetElapsedTime(started).ShouldBeLessThan(Patience);

        static string Indented(string piece) => string.Concat(Enumerable.Range(0, 900).Select(i => new string(' ', i) + piece.TrimEnd('\n') + "\n"));
    }

    [Fact]
    public void Depth_and_number_are_limited()
    {
        Nested(YamlReader.MaxDepth).ShouldBeNull();
        Nested(YamlReader.MaxDepth + 1)!.ShouldContain($"more than {YamlReader.MaxDepth} levels");
        Nested(20_000)!.ShouldContain($"more than {YamlReader.MaxDepth} levels");
        Read($"a: [{new StringBuilder().Insert(0, "1,", YamlReader.MaxNodes)}]")!.ShouldContain($"more than {YamlReader.MaxNodes} keys and values");

        static string? Nested(int depth) => Read(new string('[', depth) + "1" + new string(']', depth));
    }

    /// <summary>
    /// Pieces of YAML in any order, and a file with some bytes changed: the result is a value or one line, nothing else.
    /// </summary>
    [Fact]
    public void Any_input_is_read_or_gives_one_line()
    {
        string[] pieces =
        [
            "a", "b: ", "tls_server_config:", "\n", "\n  ", "\n    ", "- ", "? ", ": ", "[", "]", "{", "}", ",", "&a ", "*a", "!t ", "!!str ", "!<x> ", "| ", "|2-\n", ">\n",
            "\"", "'", "\\", "\\x", "\\u00", "#", "%YAML 1.1\n", "%TAG ! x\n", "---", "...", "<<: ", "\t", "\r", "\0", "\ufeff", "\u0085", "\u2028", "\ud800", "😀", "~", "null", "1e9", "@", "`", "  ",
        ];
        var seed = 20_260_501;
        var random = new Random(seed);
        var example = Repository.Read("deploy/examples/web-config.yml");
        var (read, told) = (0, 0);
        for (var i = 0; i < 30_000; i++)
        {
            var text = i % 3 == 0 ? Changed(example) : string.Concat(Enumerable.Range(0, random.Next(1, 30)).Select(_ => pieces[random.Next(pieces.Length)]));
            var started = Stopwatch.GetTimestamp();
            var message = Read(text);
            Stopwatch.GetElapsedTime(started).ShouldBeLessThan(Patience, text);
            if (message is null)
            {
                read++;
                continue;
            }

            told++;
            message.ShouldStartWith("f, line ");
            message.ShouldEndWith(".");
            message.Any(char.IsControl).ShouldBeFalse(text);
        }

        // otherwise the test would prove nothing
        read.ShouldBeGreaterThan(1000);
        told.ShouldBeGreaterThan(1000);

        string Changed(string text)
        {
            var start = random.Next(text.Length);
            var changed = new StringBuilder(text[start..Math.Min(text.Length, start + random.Next(400))]);
            for (var n = random.Next(1, 4); n > 0 && changed.Length > 0; n--)
            {
                var at = random.Next(changed.Length);
                _ = random.Next(3) switch
                {
                    0 => changed.Remove(at, Math.Min(changed.Length - at, random.Next(1, 9))),
                    1 => changed.Insert(at, pieces[random.Next(pieces.Length)]),
                    _ => changed.Replace(changed[at], (char)random.Next(0x20, 0x7f), at, 1),
                };
            }

            return changed.ToString();
        }
    }

    /// <summary>Returns null if it can be read, otherwise the message.</summary>
    private static string? Read(string text)
    {
        try
        {
            YamlReader.Read("f", text);
            return null;
        }
        catch (WebConfigException e)
        {
            return e.Message;
        }
    }
}
