using KubeSharp.ApiMachinery.Documents;

namespace KubeSharp.ApiServer.Endpoints.Tables;

/// <summary>One column of a Table (meta/v1 TableColumnDefinition). Priority 0 is always shown, 1 only in wide output.</summary>
public sealed record TableColumn(string Name, string Type, string Format, string Description, int Priority = 0);

/// <summary>How objects of one kind become rows, as <c>kubectl get</c> prints them
/// (pkg/printers/internalversion/printers.go, v1.36).</summary>
public interface ITableConvertor
{
    IReadOnlyList<TableColumn> Columns { get; }

    /// <summary>Appends one cell per column: strings, integers, booleans or null.</summary>
    /// <param name="obj">The object, at the storage version, frozen.</param>
    /// <param name="now">The time that ages are counted from.</param>
    /// <param name="cells">Where the cells go.</param>
    void AddCells(Map obj, DateTimeOffset now, Sequence cells);

    /// <summary>The paths of all fields that cells and conditions are made of, so that nothing else need be decoded; null: any.</summary>
    IReadOnlyList<string>? Reads => null;

    /// <summary>The row's TableRowConditions; null for a row without any.</summary>
    Sequence? RowConditions(Map obj) => null;
}
