/** The issues of a text, each with its line, which the reader can go to. */
import { Icon } from "../../kit/layout/icon.tsx"
import { Section } from "../../kit/table.tsx"
import { t, valueText } from "../../messages/message.ts"

interface Issue {
    readonly severity: "error" | "warning"
    readonly line: number
    readonly column: number
    readonly code: string
    readonly message: string
}

interface IssuesProps {
    findings: readonly Issue[]
    /** Absent: the text cannot be moved to a line. */
    onLine?: (line: number) => void
}

export function Issues({ findings, onLine }: IssuesProps) {
    const errors = findings.filter(({ severity }) => severity === "error").length
    if (findings.length === 0) return null
    return (
        <Section title={t("Validation")} count={findings.length}>
            <p className={errors > 0 ? "bad" : "soft"}>
                {errors > 0
                    ? t("The version cannot be released while it has an error.")
                    : t("Warnings do not stop a release.")}
            </p>
            <ul className="panel list">
                {findings.map(({ severity, line, column, code, message }) => (
                    <li key={`${line} ${column} ${code} ${message}`}>
                        <span className={severity === "error" ? "square bad" : "square due"}>
                            <Icon name={severity === "error" ? "close" : "warning"} />
                        </span>
                        <span className="grow">
                            <span className="title">{message}</span>
                            <span className="why block">
                                {valueText(severity)}, <span className="mono">{code}</span>
                            </span>
                        </span>
                        {onLine === undefined ? (
                            <span className="num muted">{t("Line {line}", { line })}</span>
                        ) : (
                            <button type="button" className="link num" onClick={() => onLine(line)}>
                                {t("Line {line}", { line })}
                            </button>
                        )}
                    </li>
                ))}
            </ul>
        </Section>
    )
}
