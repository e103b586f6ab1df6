/** The benefit of the warnings in four numbers. Nothing before the first wave. */
import { spanParts } from "../../../kit/instant.tsx"
import type { Case } from "../../answers.ts"
import { useFigures } from "./progress-reads.ts"
import { rich, t } from "../../../messages/message.ts"

export function Figures({ subject }: { subject: Case }) {
    const figures = useFigures(subject)
    if (figures === null || figures.warned === 0) return null
    const { headStartMs, isExploited, warned, fetched, protected: safe, medianMs } = figures
    return (
        <section className="figures" aria-label={t("Effect so far")}>
            <div>
                <Span ms={headStartMs} />
                <span className="k">
                    {isExploited
                        ? t("head start of the first wave before exploitation")
                        : t("head start of the first wave before publication")}
                </span>
            </div>
            <div>
                <Of count={fetched} all={warned} />
                <span className="k">{t("warned partners have fetched their copies")}</span>
            </div>
            <div>
                <Of count={safe} all={warned} isGood />
                <span className="k">
                    {isExploited ? t("protected before exploitation") : t("report that they are protected")}
                </span>
            </div>
            <div>
                <Span ms={medianMs} />
                <span className="k">{t("median from warning to protection")}</span>
            </div>
        </section>
    )
}

function Of({ count, all, isGood = false }: { count: number; all: number; isGood?: boolean }) {
    return (
        <span className={isGood && count > 0 ? "v good" : "v"}>
            {rich("{count}<small> of {all}</small>", { count, all, small: (text) => <small>{text}</small> })}
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
