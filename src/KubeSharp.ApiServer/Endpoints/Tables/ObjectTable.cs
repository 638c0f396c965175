using KubeSharp.ApiMachinery.Documents;

namespace KubeSharp.ApiServer.Endpoints.Tables;

/// <summary>The cells of one object, one per column.</summary>
internal delegate Value[] RowCells(Map obj, DateTimeOffset now);

/// <summary>A convertor made of columns and the function that fills them.</summary>
internal sealed class ObjectTable(RowCells cells, params TableColumn[] columns) : ITableConvertor
{
    public IReadOnlyList<TableColumn> Columns => columns;

    /// <summary>Conditions of a row; only pods have any.</summary>
    public Func<Map, Sequence?>? Conditions { get; init; }

    public IReadOnlyList<string>? Reads { get; init; }

    public void AddCells(Map obj, DateTimeOffset now, Sequence sequence)
    {
        foreach (var cell in cells(obj, now))
            sequence.Add(cell);
    }

    public Sequence? RowConditions(Map obj) => Conditions?.Invoke(obj);
}
