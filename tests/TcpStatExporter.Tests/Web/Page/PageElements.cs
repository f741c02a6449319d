using System.Xml.Linq;

namespace TcpStatExporter.Tests.Web.Page;

/// <summary>Finds elements of a page.</summary>
internal static class PageElements
{
    public static XElement Single(this XElement page, string name) => page.Descendants(name).Single();

    public static XElement ById(this XElement page, string id) => page.Descendants().Single(element => (string?)element.Attribute("id") == id);

    public static XElement ByClass(this XElement page, string name) =>
        page.Descendants().Single(element => ((string?)element.Attribute("class") ?? "").Split(' ').Contains(name));
}
