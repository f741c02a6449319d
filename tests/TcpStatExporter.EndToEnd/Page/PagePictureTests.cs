using Shouldly;
using TcpStatExporter.EndToEnd.Exporter;
using Xunit;

namespace TcpStatExporter.EndToEnd.Page;

/// <summary>
/// The page of a host with problems on a phone, a laptop and a wall display, light and dark. Nothing overflows, every text is
/// readable, and tables are tables for screen readers. TCPSTAT_REWRITE=1 writes the pictures for the README.
/// </summary>
public sealed class PagePictureTests
{
    private const double LeastContrast = 4.5;

    private static readonly (string Name, int Width, int Height)[] Windows = [("phone", 375, 812), ("laptop", 1280, 800), ("wall", 1920, 1080)];
    private static readonly string[] Shown = ["laptop-light.png", "phone-dark.png", "wall-dark.png"];
    private static readonly string Pictures = Path.Combine(Grafana.Dashboard.Folder, "../deploy/pictures");

    [Fact]
    public void It_is_readable_in_every_window()
    {
        using var ns = NetNamespace.Create();
        using var host = new BusyHost(ns);
        using var exporter = ExporterProcess.Start(ns, arguments: [Browser.Unseen]);
        using var browser = Browser.Start(ns);
        host.Run(TimeSpan.FromSeconds(70));
        var folder = Directory.CreateTempSubdirectory("tcpstat-pictures-");
        try
        {
            foreach (var (name, width, height) in Windows)
            {
                foreach (var theme in (string[])["light", "dark"])
                {
                    var picture = $"{name}-{theme}.png";
                    using var tab = browser.Open(exporter.Http.BaseAddress!, width, height, isDark: theme == "dark");
                    tab.Until("document.querySelector('.finding.critical') && document.documentElement.dataset.mood === 'live'", seconds: 75);
                    tab.Shoot(Path.Combine(folder.FullName, picture));
                    tab.Evaluate("document.documentElement.scrollWidth").GetInt32().ShouldBe(width, picture);
                    tab.Text(HardToRead).ShouldBe("", picture);
                    tab.Evaluate("Math.ceil(document.querySelector('.finding > summary').getBoundingClientRect().bottom * (innerWidth > 640))").GetInt32().ShouldBeLessThan(height, $"{picture}: the first finding is above the fold");
                    tab.Evaluate("document.documentElement.scrollHeight * (innerWidth < 640)").GetInt32().ShouldBeLessThan(3 * height, $"{picture}: three screens of a phone; " + tab.Text("[...document.querySelectorAll('.verdict, .trends, section.card, .finding, footer')].map((part) => `${part.className} ${Math.round(part.getBoundingClientRect().height)}`).join(', ')"));
                    Roles(tab).ShouldBe(["cell", "columnheader", "row", "rowheader", "table"], picture);
                }
            }

            folder.GetFiles().ShouldAllBe(picture => picture.Length > 20_000 && picture.Length < 800_000);
            if (Environment.GetEnvironmentVariable("TCPSTAT_REWRITE") == "1")
            {
                Directory.CreateDirectory(Pictures);
                foreach (var picture in Shown)
                {
                    File.Copy(Path.Combine(folder.FullName, picture), Path.Combine(Pictures, $"page-{picture}"), overwrite: true);
                }
            }
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    /// <summary>Texts whose contrast with their background, as computed by the browser, is below WCAG level AA.</summary>
    private static string HardToRead => $$"""
        (() => {
          const channels = (color) => {
            const context = new OffscreenCanvas(1, 1).getContext('2d', { willReadFrequently: true });
            context.fillStyle = color;
            context.fillRect(0, 0, 1, 1);
            return context.getImageData(0, 0, 1, 1).data;
          };
          const luminance = (rgb) => [0, 1, 2].map((i) => rgb[i] / 255).map((c) => c <= .04045 ? c / 12.92 : ((c + .055) / 1.055) ** 2.4).reduce((sum, c, i) => sum + c * [.2126, .7152, .0722][i], 0);
          const behind = (element) => {
            for (let e = element; e; e = e.parentElement) {
              const color = channels(getComputedStyle(e).backgroundColor);
              if (color[3] === 255) return color;
            }
            return [255, 255, 255];
          };
          const bad = [];
          const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
          while (walker.nextNode()) {
            const element = walker.currentNode.parentElement;
            if (!walker.currentNode.data.trim() || !element.checkVisibility() || element.closest('.unseen, noscript')) continue;
            const [a, b] = [luminance(channels(getComputedStyle(element).color)), luminance(behind(element))].sort((x, y) => y - x);
            const contrast = (a + .05) / (b + .05);
            if (contrast < {{LeastContrast}}) bad.push(`${contrast.toFixed(2)}: ${walker.currentNode.data}`);
          }
          return bad.join('\n');
        })()
        """;

    /// <summary>Returns the table roles that a screen reader gets.</summary>
    private static string[] Roles(Tab tab)
    {
        tab.Send("Accessibility.enable");
        var nodes = tab.Send("Accessibility.getFullAXTree").GetProperty("nodes").EnumerateArray();
        string[] roles = [.. nodes.Where(node => node.TryGetProperty("role", out _)).Select(node => node.GetProperty("role").GetProperty("value").GetString()!)];
        return [.. roles.Distinct(StringComparer.Ordinal).Where(role => role is "table" or "row" or "cell" or "columnheader" or "rowheader").Order(StringComparer.Ordinal)];
    }
}
