/** Waits until typing pauses. */
import { useDeferredValue, useEffect, useState } from "react"

/** Returns the value once it has stayed the same for this time. Compares strings by content. */
export function useSettled(value: string, waitMs: number): string {
    const deferred = useDeferredValue(value)
    const [settled, setSettled] = useState(value)
    useEffect(() => {
        const waiting = setTimeout(() => setSettled(deferred), waitMs)
        return () => clearTimeout(waiting)
    }, [deferred, waitMs])
    return settled
}
