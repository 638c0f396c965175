namespace KubeSharp.Storage.Sqlite;

/// <summary>One caller's write on its way through the writer.</summary>
internal abstract class QueuedWrite
{
    /// <summary>It needs the state in memory, not a transaction's, and so gets a transaction for itself.</summary>
    public virtual bool Exclusive => false;

    /// <summary>Does it, in the transaction; whatever it throws ends the whole transaction.</summary>
    public abstract void Execute(WriteTransaction transaction);

    /// <summary>It is durable and visible; tells the caller.</summary>
    public abstract void Complete();

    /// <summary>The transaction did not happen; tells the caller.</summary>
    public abstract void Fail(Exception exception);
}

/// <inheritdoc/>
internal abstract class QueuedWrite<T> : QueuedWrite
{
    private readonly TaskCompletionSource<T> _done = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Task<T> Task => _done.Task;

    protected T? Outcome { get; set; }

    /// <summary>This write alone is refused; the others of the transaction go on.</summary>
    protected Exception? Refusal { get; set; }

    public override void Complete()
    {
        if (Refusal == null)
            _done.TrySetResult(Outcome!);
        else
            _done.TrySetException(Refusal);
    }

    public override void Fail(Exception exception) => _done.TrySetException(exception);
}
