using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiMachinery.Meta;
using KubeSharp.ApiServer.Endpoints.Tables;
using KubeSharp.ApiServer.Registry.Meta;

namespace KubeSharp.ApiServer.Registry.CustomResources;

/// <summary>The columns that a definition asks for, or name and age
/// (apiextensions-apiserver/pkg/registry/customresource/tableconvertor, v1.36).</summary>
internal sealed class CustomResourceTable : ITableConvertor
{
    private readonly List<(JsonPath Path, string Type)> _paths = [];
    private readonly List<TableColumn> _columns = [ObjectColumns.Name];

    public CustomResourceTable(Sequence columns)
    {
        foreach (var item in columns)
        {
            var column = item.AsMap ?? Map.Empty;
            // A path that cannot be read ends the table (tableconvertor.go New).
            if (JsonPath.Parse(column.Text("jsonPath")) is not { } path)
                break;
            var description = column.Text("description") is { Length: > 0 } given ? given : $"Custom resource definition column (in JSONPath format): {column.Text("jsonPath")}";
            _columns.Add(new TableColumn(column.Text("name"), column.Text("type"), column.Text("format"), description, (int)column.Number("priority")));
            _paths.Add((path, column.Text("type")));
        }

        if (columns.Count > 0)
            return;
        _columns.Add(ObjectColumns.Age with { Type = "date" });
        _paths.Add((JsonPath.Parse(".metadata.creationTimestamp")!, "date"));
    }

    public IReadOnlyList<TableColumn> Columns => _columns;

    public void AddCells(Map obj, DateTimeOffset now, Sequence cells)
    {
        cells.Add(obj.Name());
        foreach (var (path, type) in _paths)
            cells.Add(Cell(path.First(obj), type, now));
    }

    private static Value Cell(Value value, string type, DateTimeOffset now)
    {
        if (value.IsNullOrUndefined)
            return Value.Null;
        switch (type)
        {
            case "string":
                return JsonPath.Print(value);
            case "integer" when value.AsDouble is { } number:
                return value.AsInteger ?? (long)number;
            case "number" when value.AsDouble is { } number:
                return number;
            case "boolean" when value.AsBoolean is { } flag:
                return flag;
            case "date" when value.AsString is { } text:
                return text.Length == 0 ? CellText.Unknown : Rfc3339.TryParse(text, out var time, out _) ? CellText.HumanDuration(now - time) : "<invalid>";
            default:
                return Value.Null;
        }
    }
}
