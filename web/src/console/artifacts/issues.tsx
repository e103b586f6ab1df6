/** The issues of a text, each with its line and, where one is known, with the change that cures it. */
import { Icon } from "../../kit/layout/icon.tsx"
import { Section } from "../../kit/table.tsx"
import type { IssueFix, TextIssue } from "./issue-fixes.ts"
import { InRail } from "./rail-place.tsx"
import type { TextEdit } from "./slot-edits.ts"
import { t, valueText } from "../../messages/message.ts"

interface IssuesProps {
    findings: readonly TextIssue[]
    /** Absent: the text cannot be moved to a line. */
    onLine?: (issue: TextIssue) => void
    fixFor?: (issue: TextIssue) => IssueFix | null | undefined
    onFix?: (edit: TextEdit) => void
}

export function Issues({ findings, ...rest }: IssuesProps) {
    const errors = findings.filter(({ severity }) => severity === "error").length
    if (findings.length === 0) return null
    return (
        <InRail>
            <Section title={t("Validation")} count={findings.length}>
                <p className={errors > 0 ? "bad" : "soft"}>
                    {errors > 0
                        ? t("The version cannot be released while it has an error.")
                        : t("Warnings do not stop a release.")}
                </p>
                <ul className="panel list">
                    {findings.map((issue) => (
                        <IssueRow key={JSON.stringify(issue)} issue={issue} {...rest} />
                    ))}
                </ul>
            </Section>
        </InRail>
    )
}

type IssueRowProps = Omit<IssuesProps, "findings"> & { issue: TextIssue }

function IssueRow({ issue, onLine, fixFor, onFix }: IssueRowProps) {
    const { severity, line, code, message } = issue
    const fix = fixFor?.(issue) ?? null
    return (
        <li className="issue">
            <span className={severity === "error" ? "square bad" : "square due"}>
                <Icon name={severity === "error" ? "close" : "warning"} />
            </span>
            <span className="grow">
                <span className="title" lang="en">
                    {message}
                </span>
                <span className="why block">
                    {onLine === undefined ? (
                        <span className="num">{t("Line {line}", { line })}</span>
                    ) : (
                        <button type="button" className="link num" onClick={() => onLine(issue)}>
                            {t("Line {line}", { line })}
                        </button>
                    )}{" "}
                    {valueText(severity)}, <span className="mono">{code}</span>
                </span>
                {fix !== null && onFix !== undefined && (
                    <button type="button" className="link" onClick={() => onFix(fix.edit)}>
                        {fix.name}
                    </button>
                )}
            </span>
        </li>
    )
}
