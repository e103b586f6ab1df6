/** A bar that is filled to a share of its width. Screen readers skip it, because the text next to it says the same. */

interface MeterProps {
    /** From 0; above 1 the bar is full. */
    share: number
    /** `good`, `due`, `bad`, or empty. */
    tone?: string
}

export function Meter({ share, tone = "" }: MeterProps) {
    return (
        <svg className="meter" viewBox="0 0 100 6" preserveAspectRatio="none" aria-hidden="true">
            <rect className="bg" width="100" height="6" />
            <rect className={`on ${tone}`} width={Math.min(100, Math.round(share * 100))} height="6" />
        </svg>
    )
}
