using System.Globalization;
using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiServer.Endpoints.Tables;
using KubeSharp.ApiServer.Registry.Meta;

namespace KubeSharp.ApiServer.Registry.CustomResources;

/// <summary>The columns that a definition asks for, or name and age
/// (apiextensions-apiserver/pkg/registry/customresource/tableconvertor, v1.36).</summary>
internal sealed class CustomResourceTable : ITableConvertor
{
    private readonly List<(SimpleJsonPath? Path, string Type)> _paths = [];
    private readonly List<TableColumn> _columns = [ObjectColumns.Name];

    public CustomResourceTable(Sequence columns)
    {
        foreach (var item in columns)
        {
            var column = item.AsMap ?? Map.Empty;
            var description = column.Text("description") is { Length: > 0 } given ? given : $"Custom resource definition column (in JSONPath format): {column.Text("jsonPath")}";
            _columns.Add(new TableColumn(column.Text("name"), column.Text("type"), column.Text("format"), description, (int)column.Number("priority")));
            _paths.Add((SimpleJsonPath.Parse(column.Text("jsonPath")), column.Text("type")));
        }

        if (_paths.Count > 0)
            return;
        _columns.Add(ObjectColumns.Age with { Type = "date" });
        _paths.Add((SimpleJsonPath.Parse(".metadata.creationTimestamp"), "date"));
    }

    public IReadOnlyList<TableColumn> Columns => _columns;

    public void AddCells(Map obj, DateTimeOffset now, Sequence cells)
    {
        cells.Add(obj.Name());
        foreach (var (path, type) in _paths)
            cells.Add(Cell(path?.Find(obj) ?? default, type, now));
    }

    private static string Json(Value value)
    {
        var json = new System.Buffers.ArrayBufferWriter<byte>();
        ApiMachinery.Codecs.JsonEncoder.Encode(value, json);
        return System.Text.Encoding.UTF8.GetString(json.WrittenSpan);
    }

    private static Value Cell(Value value, string type, DateTimeOffset now)
    {
        if (value.IsNullOrUndefined)
            return Value.Null;
        switch (type)
        {
            case "integer":
                return value.AsInteger is { } whole ? whole : value.AsDouble is { } rounded ? (long)rounded : Value.Null;
            case "number":
                return value.AsDouble is { } number ? number : value.AsInteger is { } integer ? (double)integer : Value.Null;
            case "boolean":
                return value.AsBoolean is { } flag ? flag : Value.Null;
            case "date":
                return value.AsString is { } text && DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time)
                    ? CellText.HumanDuration(now - time)
                    : "<invalid>";
            default:
                return value.AsMap is null && value.AsSequence is null ? value.ToString() : Json(value);
        }
    }
}
