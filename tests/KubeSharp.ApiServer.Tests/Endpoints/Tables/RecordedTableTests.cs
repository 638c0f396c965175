using System.Text;
using KubeSharp.ApiMachinery.Codecs;
using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiMachinery.Meta;
using KubeSharp.ApiMachinery.Patches;
using KubeSharp.ApiServer.Endpoints.Tables;
using Xunit;

namespace KubeSharp.ApiServer.Tests.Endpoints.Tables;

/// <summary>Columns and cells of the Tables that the real kube-apiserver answered with.</summary>
public class RecordedTableTests
{
    private static readonly DateTimeOffset Recorded = new(2026, 4, 1, 0, 0, 0, TimeSpan.Zero);

    [Fact]
    public void MatchTheRecordings()
    {
        var differences = new List<string>();
        var compared = 0;
        foreach (var line in File.ReadLines(Recording()).Where(line => line.Contains("\"table/", StringComparison.Ordinal)))
        {
            var recorded = JsonDecoder.DecodeValue(Encoding.UTF8.GetBytes(line)).AsMap!;
            var objects = new Dictionary<string, Map>(StringComparer.Ordinal);
            foreach (var step in recorded.GetSequence("steps")!.Select(step => step.AsMap!))
            {
                if (step.GetString("m") == "PATCH" && objects.TryGetValue(PatchedName(step), out var before))
                    objects[PatchedName(step)] = MergePatch.Apply(before, step["body"]);
                var body = step.GetMap("x")?["body"].AsMap;
                if (body is null)
                    continue;
                if (body.GetString("kind") == "PartialObjectMetadata")
                    continue;
                if (body.GetString("kind") != "Table")
                {
                    objects[ObjectMetaAccessor.GetName(body)] = body;
                    continue;
                }

                var (group, resource) = Resource(step.GetString("p")!);
                if (body.GetSequence("columnDefinitions") is not { Count: > 0 } columns || group == "wire.example.com")
                    continue;
                compared++;
                var convertor = TableConvertors.For(group, resource);
                Compare(differences, recorded.GetString("name")!, convertor, columns, body.GetSequence("rows") ?? Sequence.Empty, objects);
            }
        }

        Assert.True(compared > 0, "no Table among the recordings");
        Assert.True(differences.Count == 0, string.Join('\n', differences.Distinct()));
    }

    private static void Compare(
        List<string> differences, string name, ITableConvertor convertor, Sequence columns, Sequence rows, Dictionary<string, Map> objects)
    {
        string[] ours = [.. convertor.Columns.Select(c => $"{c.Name}|{c.Type}|{c.Format}|{c.Priority}|{c.Description}")];
        string[] theirs = [.. columns.Select(c => c.AsMap!).Select(c =>
            $"{c.GetString("name")}|{c.GetString("type")}|{c.GetString("format")}|{c.GetInteger("priority")}|{c.GetString("description")}")];
        if (!ours.SequenceEqual(theirs))
            differences.Add($"{name} columns:\n  {string.Join("\n  ", ours)}\n  -\n  {string.Join("\n  ", theirs)}");
        foreach (var row in rows.Select(row => row.AsMap!))
        {
            if (row.GetMap("object") is not { } partial || !objects.TryGetValue(ObjectMetaAccessor.GetName(partial), out var obj))
                continue;
            var cells = new Sequence();
            convertor.AddCells(obj, Recorded, cells);
            var expected = row.GetSequence("cells")!;
            for (var i = 0; i < Math.Max(cells.Count, expected.Count); i++)
            {
                var want = i < expected.Count ? expected[i] : default;
                var got = i < cells.Count ? cells[i] : default;
                // Recorded times are placeholders, and so is all that counts from them.
                if (want != got && want.AsString is not ("<age>" or "<time>") && want.AsString?.Contains("<uid>", StringComparison.Ordinal) != true)
                    differences.Add($"{name} cell {i}: {got}, recorded {want}");
            }
        }
    }

    private static (string Group, string Resource) Resource(string path)
    {
        var parts = path.Split('?')[0].Split('/', StringSplitOptions.RemoveEmptyEntries);
        var (group, rest) = parts[0] == "api" ? ("", parts[2..]) : (parts[1], parts[3..]);
        return (group, rest is ["namespaces", _, var resource, ..] ? resource : rest[0]);
    }

    private static string PatchedName(Map step) =>
        step.GetString("p")!.Replace("/status", "", StringComparison.Ordinal).Split('/')[^1].Replace("{{u}}", "{{ns}}", StringComparison.Ordinal);

    private static string Recording()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            var file = Path.Combine(folder.FullName, "shared", "wire", "cases-open.jsonl");
            if (File.Exists(file))
                return file;
        }

        Assert.Skip("shared/wire/cases-open.jsonl is not above this folder");
        return "";
    }
}
