namespace KubeSharp.Storage.Migration;

/// <summary>A migration cannot begin, or ended without a complete target; the message says what to do.</summary>
public sealed class MigrationException(string message, Exception? inner = null) : Exception(message, inner);
