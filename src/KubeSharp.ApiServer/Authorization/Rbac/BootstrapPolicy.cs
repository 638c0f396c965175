using KubeSharp.ApiMachinery.Documents;

namespace KubeSharp.ApiServer.Authorization.Rbac;

/// <summary>
/// The roles and bindings that every cluster has, read from the embedded <c>bootstrap-policy.txt</c>, which explains its
/// own format (plugin/pkg/auth/authorizer/rbac/bootstrappolicy, v1.36).
/// </summary>
internal static class BootstrapPolicy
{
    private const string Group = "rbac.authorization.k8s.io";

    /// <summary>The objects as clients would create them, with kind and apiVersion, in the file's order.</summary>
    public static IReadOnlyList<Map> Read()
    {
        using var stream = typeof(BootstrapPolicy).Assembly.GetManifestResourceStream("bootstrap-policy.txt")
            ?? throw new InvalidOperationException("The bootstrap policy is not embedded.");
        using var reader = new StreamReader(stream);
        return Parse(reader.ReadToEnd());
    }

    /// <summary>The rules of one cluster role of the policy.</summary>
    public static IReadOnlyList<PolicyRule> RulesOf(string clusterRole) =>
        PolicyRule.From(new ApiMachinery.Views.Rbac.V1.ClusterRole(Read().First(o => o.GetString("kind") == "ClusterRole" && o.GetMap("metadata")!.GetString("name") == clusterRole)).Rules);

    internal static IReadOnlyList<Map> Parse(string text)
    {
        var objects = new List<Map>();
        foreach (var line in text.Split('\n'))
        {
            var words = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            if (words.Length == 0 || words[0][0] == '#')
                continue;
            if (line[0] != ' ')
                objects.Add(Head(words));
            else if (objects[^1].GetString("kind")!.EndsWith("Binding", StringComparison.Ordinal))
                objects[^1].EditSequence("subjects").Add(Subject(words));
            else if (words[0] == "aggregates")
                objects[^1].EditMap("aggregationRule").EditSequence("clusterRoleSelectors").Add(new Map(1) { { "matchLabels", new Map(1) { { words[1], "true" } } } });
            else
                objects[^1].EditSequence("rules").Add(Rule(words));
        }

        return objects;
    }

    private static Map Head(string[] words)
    {
        var labels = new Map { { "kubernetes.io/bootstrapping", "rbac-defaults" } };
        var metadata = new Map { { "labels", labels }, { "annotations", new Map(1) { { "rbac.authorization.kubernetes.io/autoupdate", "true" } } } };
        SetName(metadata, words[1]);
        var obj = new Map { { "apiVersion", Group + "/v1" }, { "kind", words[0] }, { "metadata", metadata } };
        if (words[0].EndsWith("Binding", StringComparison.Ordinal))
        {
            obj.Set("roleRef", new Map(3) { { "apiGroup", Group }, { "kind", words[2] }, { "name", words[3] } });
            return obj;
        }

        obj.Set("rules", Value.Null);
        foreach (var label in words.AsSpan(2))
            labels.Set(label[1..], "true");
        return obj;
    }

    private static Map Subject(string[] words)
    {
        var subject = new Map { { "kind", words[0] } };
        if (words[0] != "ServiceAccount")
            subject.Set("apiGroup", Group);
        SetName(subject, words[1]);
        return subject;
    }

    private static Map Rule(string[] words)
    {
        var rule = new Map { { "verbs", List(words[0]) } };
        if (words[1] == "urls")
        {
            rule.Set("nonResourceURLs", List(words[2]));
            return rule;
        }

        rule.Set("apiGroups", List(words[1]));
        rule.Set("resources", List(words[2]));
        if (words.Length > 3)
            rule.Set("resourceNames", List(words[3]));
        return rule;
    }

    private static void SetName(Map target, string name)
    {
        // Names of service accounts and of what is namespaced carry the namespace before a slash.
        var slash = name.IndexOf('/', StringComparison.Ordinal);
        target.Set("name", name[(slash + 1)..]);
        if (slash > 0)
            target.Set("namespace", name[..slash]);
    }

    private static Sequence List(string words)
    {
        var list = new Sequence();
        foreach (var word in words.Split(','))
            list.Add(word == "\"\"" ? "" : word);
        return list;
    }
}
