/** What every screen shows above its content: alarms, a quarantine, distrusted clocks. Their details load when needed. */
import { Suspense, lazy } from "react"
import { useRead } from "../api.ts"
import { Alarms } from "./alarms.tsx"

const QuarantineNotice = lazy(async () => ({ default: (await import("./quarantine.tsx")).QuarantineNotice }))
const ClockNotice = lazy(async () => ({ default: (await import("./clock-notice.tsx")).ClockNotice }))

export function Bands() {
    const quarantine = useRead("/api/quarantine").data
    const clock = useRead("/api/clock").data
    const isStopped = quarantine !== undefined && (quarantine.quarantine !== null || quarantine.damagedSince !== null)
    return (
        <>
            <Alarms />
            <Suspense fallback={null}>
                {isStopped && <QuarantineNotice />}
                {clock?.state === "distrusted" && <ClockNotice />}
            </Suspense>
        </>
    )
}
