using KubeSharp.Storage;
using KubeSharp.Storage.Migration;

namespace KubeSharp.Commands;

/// <summary>What commands that work on stores have in common: how they end.</summary>
internal static class StoreCommand
{
    /// <summary>Runs one, off the thread that waits for signals, so that these can end it.</summary>
    /// <returns>0, or 1 with a message when it failed.</returns>
    public static async Task<int> RunAsync(Func<CancellationToken, Task> command, CancellationToken cancellationToken)
    {
        await Task.Yield();
        try
        {
            await command(cancellationToken).ConfigureAwait(false);
            return 0;
        }
        catch (OperationCanceledException)
        {
            return Fail("interrupted", 1);
        }
        catch (Exception exception) when (exception is StoreCorruptException or StoreUnavailableException or MigrationException or IOException or UnauthorizedAccessException or InvalidDataException)
        {
            return Fail(exception.Message, 1);
        }
    }

    /// <summary>Says what is wrong.</summary>
    public static int Fail(string message, int code)
    {
        Console.Error.WriteLine($"Error: {message}");
        return code;
    }
}
