/** The benefit of the warnings in four numbers. Nothing before the first wave. */
import { spanParts } from "../../../kit/instant.tsx"
import type { Case } from "../../answers.ts"
import { useFigures } from "./progress-reads.ts"

export function Figures({ subject }: { subject: Case }) {
    const figures = useFigures(subject)
    if (figures === null || figures.warned === 0) return null
    const { headStartMs, isExploited, warned, fetched, protected: safe, medianMs } = figures
    return (
        <section className="figures" aria-label="Effect so far">
            <div>
                <Span ms={headStartMs} />
                <span className="k">
                    head start of the first wave before {isExploited ? "exploitation" : "publication"}
                </span>
            </div>
            <div>
                <Of value={fetched} all={warned} />
                <span className="k">warned partners have fetched their copies</span>
            </div>
            <div>
                <Of value={safe} all={warned} isGood />
                <span className="k">
                    {isExploited ? "protected before exploitation" : "report that they are protected"}
                </span>
            </div>
            <div>
                <Span ms={medianMs} />
                <span className="k">median from warning to protection</span>
            </div>
        </section>
    )
}

function Of({ value, all, isGood = false }: { value: number; all: number; isGood?: boolean }) {
    return (
        <span className={isGood && value > 0 ? "v good" : "v"}>
            {value}
            <small> of {all}</small>
        </span>
    )
}

/** A span in its two largest units. */
function Span({ ms }: { ms: number | null }) {
    if (ms === null) return <span className="v muted">–</span>
    return (
        <span className="v">
            {spanParts(ms)
                .slice(0, 2)
                .map(([count, unit]) => (
                    <span key={unit}>
                        {count}
                        <small>{unit}</small>{" "}
                    </span>
                ))}
        </span>
    )
}
