using System.IO.Compression;
using System.Text;
using System.Text.RegularExpressions;
using KubeSharp.Hack.Schema;

// Reads the Go API packages below the given roots and writes the facts file.
//   schema --source DIR [--source DIR ...] --out FILE [--views DIR] [--descriptions FILE]
// With --views it writes the typed views of the served versions into that folder too, with --descriptions what the API
// says of its types and fields (Brotli).
// A root holds k8s.io/api, k8s.io/apimachinery, and, here or in another root, k8s.io/apiextensions-apiserver and
// k8s.io/kube-aggregator: a GOPATH's src folder, or staging/src of a Kubernetes checkout.
var sources = new List<string>();
var output = "";
var views = "";
var descriptions = "";
for (var i = 0; i + 1 < args.Length; i += 2)
{
    if (args[i] == "--source")
        sources.Add(args[i + 1]);
    else if (args[i] == "--out")
        output = args[i + 1];
    else if (args[i] == "--views")
        views = args[i + 1];
    else if (args[i] == "--descriptions")
        descriptions = args[i + 1];
}

if (sources.Count == 0 || output.Length == 0)
{
    Console.Error.WriteLine("usage: schema --source DIR [--source DIR ...] --out FILE [--views DIR] [--descriptions FILE]");
    return 2;
}

var packages = new Dictionary<string, GoPackage>(StringComparer.Ordinal);
foreach (var source in sources)
{
    foreach (var path in ApiPackages(source))
    {
        if (!packages.ContainsKey(path))
            packages[path] = GoParser.ParsePackage(Path.Combine(source, path), path);
    }
}

foreach (var needed in new[] { "k8s.io/api/core/v1", "k8s.io/apimachinery/pkg/apis/meta/v1", "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1", "k8s.io/kube-aggregator/pkg/apis/apiregistration/v1" })
{
    if (!packages.ContainsKey(needed))
    {
        Console.Error.WriteLine($"{needed} is in none of the sources.");
        return 1;
    }
}

foreach (var package in packages.Values)
    package.Resolve(packages);
var facts = new FactsWriter(packages);
File.WriteAllText(output, facts.Write());
if (descriptions.Length > 0)
{
    using var compressed = new BrotliStream(File.Create(descriptions), CompressionLevel.SmallestSize);
    compressed.Write(Encoding.UTF8.GetBytes(new DescriptionsWriter(packages, facts).Write(sources.SelectMany(OtherTypes), sources.SelectMany(Parameters))));
}

if (views.Length > 0)
{
    Directory.CreateDirectory(views);
    foreach (var old in Directory.GetFiles(views, "*.g.cs"))
        File.Delete(old);
    foreach (var (file, text) in new ViewsWriter(packages).Write())
        File.WriteAllText(Path.Combine(views, file), text);
}

Console.WriteLine($"{packages.Count} packages, {packages.Values.Sum(p => p.Declarations.Count)} types");
return 0;

static IEnumerable<string> ApiPackages(string root)
{
    foreach (var parent in new[] { "k8s.io/api", "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions", "k8s.io/kube-aggregator/pkg/apis/apiregistration" })
    {
        var directory = Path.Combine(root, parent);
        if (!Directory.Exists(directory))
            continue;
        foreach (var candidate in Directory.GetDirectories(directory, "v*", SearchOption.AllDirectories).Order(StringComparer.Ordinal))
        {
            // Gone since v1.22, kept upstream for its conversions only.
            var isGone = candidate.EndsWith("apiextensions/v1beta1", StringComparison.Ordinal) || candidate.EndsWith("apiregistration/v1beta1", StringComparison.Ordinal);
            if (!isGone && File.Exists(Path.Combine(candidate, "register.go")))
                yield return Path.GetRelativePath(root, candidate).Replace('\\', '/');
        }
    }

    foreach (var single in new[] { "k8s.io/apimachinery/pkg/apis/meta/v1", "k8s.io/apimachinery/pkg/apis/meta/v1beta1", "k8s.io/apimachinery/pkg/version" })
    {
        if (Directory.Exists(Path.Combine(root, single)))
            yield return single;
    }
}

// The types of the API that are no structs of an API package.
static IEnumerable<GoDeclaration> OtherTypes(string root)
{
    foreach (var (path, name) in new[] { ("k8s.io/apimachinery/pkg/api/resource", "Quantity"), ("k8s.io/apimachinery/pkg/runtime", "RawExtension"), ("k8s.io/apimachinery/pkg/util/intstr", "IntOrString") })
    {
        if (Directory.Exists(Path.Combine(root, path)))
            yield return GoParser.ParsePackage(Path.Combine(root, path), path).Declarations[name];
    }
}

// The parameters that every operation has: they are described where the routes are installed.
static IEnumerable<(string Name, string Text)> Parameters(string root)
{
    var installer = Path.Combine(root, "k8s.io/apiserver/pkg/endpoints/installer.go");
    return File.Exists(installer)
        ? Regex.Matches(File.ReadAllText(installer), """ws\.(?:Query|Path)Parameter\("(\w+)", "([^"]*)"\)""").Select(m => (m.Groups[1].Value, m.Groups[2].Value)).Distinct()
        : [];
}
