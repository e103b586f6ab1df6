/** Compares two versions of a text line by line. Omits long stretches without a change. */
import { type Line, differenceOf } from "../../kit/markdown/line-diff.ts"
import { Empty } from "../../kit/notice.tsx"
import { ReadingFrame } from "../../kit/scroll.tsx"
import { t } from "../../messages/message.ts"

const around = 3
const signs = { same: " ", gone: "−", new: "+" } as const
const words = { gone: t("gone:"), new: t("new:") } as const

interface TextDifferenceProps {
    before: string
    after: string
    label?: string
}

export function TextDifference({ before, after, label }: TextDifferenceProps) {
    const lines = differenceOf(before, after)
    if (lines.every(({ kind }) => kind === "same")) return <Empty title={t("The text is the same.")} />
    const near = lines.map((_, n) => lines.slice(Math.max(0, n - around), n + around + 1).some(isChange))
    return (
        <ReadingFrame label={label ?? t("What is new in the text, and what is gone")}>
            <ol className="difference">
                {lines.flatMap((line, n) => {
                    if (!near[n]) return near[n - 1] === false ? [] : [<li key={`${n} left out`}>⋯</li>]
                    return [
                        <li key={n} className={line.kind}>
                            <span aria-hidden="true">{signs[line.kind]} </span>
                            {line.kind !== "same" && <span className="unseen">{words[line.kind]} </span>}
                            {line.text}
                        </li>,
                    ]
                })}
            </ol>
        </ReadingFrame>
    )
}

const isChange = ({ kind }: Line): boolean => kind !== "same"
