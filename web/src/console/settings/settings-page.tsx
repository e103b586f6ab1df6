/** The frame of every page in Settings: the title, the tab's name in the path, and the tabs that the viewer may see. */
import type { ReactNode } from "react"
import { Page } from "../../kit/layout/page.tsx"
import { t } from "../../messages/message.ts"

interface SettingsPageProps {
    /** The name of the tab. */
    tab: string
    lead: ReactNode
    aside?: ReactNode
    children: ReactNode
}

export function SettingsPage({ tab, lead, aside, children }: SettingsPageProps) {
    return (
        <Page
            title={t("Settings")}
            tabTitle={tab}
            here={tab}
            path={[{ to: "/settings", name: t("Settings") }]}
            lead={lead}
            {...(aside !== undefined && { aside })}
        >
            {children}
        </Page>
    )
}
