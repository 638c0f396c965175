using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiServer.Registry.Meta;

namespace KubeSharp.ApiServer.ApiExtensions;

/// <summary>Which names a definition gets: those that nobody else of its group has
/// (calculateNamesAndConditions in apiextensions-apiserver/pkg/controller/status/naming_controller.go, v1.36).</summary>
internal static class CustomResourceNames
{
    /// <param name="definition">The definition that asks.</param>
    /// <param name="all">All definitions.</param>
    /// <returns>The names that it has from now on, and the condition NamesAccepted.</returns>
    public static (Map Names, (string Status, string Reason, string Message) Condition) Accept(Map definition, IEnumerable<Map> all)
    {
        var (asked, accepted) = (definition.Sub("spec").Sub("names"), definition.Sub("status").Sub("acceptedNames"));
        var (resources, kinds) = Taken(definition, all);
        var names = accepted.DeepClone();
        var condition = ("True", "NoConflicts", "no conflicts found");
        Take("plural", resources, "PluralConflict");
        Take("singular", resources, "SingularConflict");
        TakeShortNames();
        Take("kind", kinds, "KindConflict");
        Take("listKind", kinds, "ListKindConflict");
        names.Set("categories", asked["categories"]);
        return (names, condition);

        void Take(string field, HashSet<string> taken, string conflict)
        {
            var name = asked.Text(field);
            if (name == accepted.Text(field) || !taken.Contains(name))
                names.Set(field, name);
            else
                condition = ("False", conflict, $"\"{name}\" is already in use");
        }

        void TakeShortNames()
        {
            var conflicts = new List<string>();
            foreach (var shortName in asked.List("shortNames"))
            {
                var text = shortName.AsString ?? "";
                if (!accepted.List("shortNames").ContainsText(text) && resources.Contains(text))
                    conflicts.Add($"\"{text}\" is already in use");
            }

            if (conflicts.Count == 0)
                names.Set("shortNames", asked["shortNames"]);
            else
                condition = ("False", "ShortNamesConflict", conflicts.Count == 1 ? conflicts[0] : $"[{string.Join(", ", conflicts)}]");
        }
    }

    private static (HashSet<string> Resources, HashSet<string> Kinds) Taken(Map definition, IEnumerable<Map> all)
    {
        var resources = new HashSet<string>(StringComparer.Ordinal);
        var kinds = new HashSet<string>(StringComparer.Ordinal);
        foreach (var other in all)
        {
            if (other.Name() == definition.Name() || other.Sub("spec").Text("group") != definition.Sub("spec").Text("group"))
                continue;
            var names = other.Sub("status").Sub("acceptedNames");
            resources.Add(names.Text("plural"));
            resources.Add(names.Text("singular"));
            foreach (var shortName in names.List("shortNames"))
                resources.Add(shortName.AsString ?? "");
            kinds.Add(names.Text("kind"));
            kinds.Add(names.Text("listKind"));
        }

        return (resources, kinds);
    }
}
