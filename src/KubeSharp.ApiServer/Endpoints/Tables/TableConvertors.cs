using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiMachinery.Meta;

namespace KubeSharp.ApiServer.Endpoints.Tables;

/// <summary>The convertor of each resource; those without columns of their own show name and creation time
/// (apiserver/pkg/registry/rest/table.go defaultTableConvertor).</summary>
internal static class TableConvertors
{
    public static ITableConvertor For(string group, string resource) => DefaultTableConvertor.Instance;
}

/// <summary>Name and "Created At", for kinds that upstream prints nothing else of.</summary>
internal sealed class DefaultTableConvertor : ITableConvertor
{
    public static readonly DefaultTableConvertor Instance = new();

    public IReadOnlyList<TableColumn> Columns { get; } =
    [
        new("Name", "string", "name", "Name must be unique within a namespace."),
        new("Created At", "date", "", "CreationTimestamp is a timestamp representing the server time when this object was created."),
    ];

    public void AddCells(Map obj, DateTimeOffset now, Sequence cells)
    {
        cells.Add(ObjectMetaAccessor.GetName(obj));
        cells.Add(ObjectMetaAccessor.GetCreationTimestamp(obj) is { } created ? created : Value.Null);
    }
}
