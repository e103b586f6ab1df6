/*
    A page that has no business in a LAYOUTS folder: it reads the keys by which the site signs its state, or it reaches
    into loaded assemblies, and writes what it finds to whoever asked. File names are not looked at; they are cheap.
*/

rule SharePoint_Page_Tells_Machine_Keys
{
    meta:
        description = "A server page that reads the machine key section and answers with it"
        author = "Northlight Response Team"
        date = "2025-06-20"
        reference = "https://www.cve.org/CVERecord?id=CVE-2025-49704"

    strings:
        $page_head = "<%@" ascii wide
        $script_head = "runat=\"server\"" ascii wide nocase
        $key_section = "MachineKeySection" ascii wide
        $key_signing = "ValidationKey" ascii wide
        $key_hiding = "DecryptionKey" ascii wide
        $answer = "Response.Write" ascii wide

    condition:
        filesize < 64KB
        and any of ($page_head, $script_head)
        and $key_section
        and any of ($key_signing, $key_hiding)
        and $answer
}

rule SharePoint_Web_Log_Pane_From_Goodbye
{
    meta:
        description = "A web log that holds the request for the tool pane with the sign-out page as its origin"
        author = "Northlight Response Team"
        date = "2025-06-20"
        reference = "https://www.cve.org/CVERecord?id=CVE-2025-49706"

    strings:
        $log_head = "#Fields: date time" ascii
        $request = /POST \/_layouts\/1[56]\/ToolPane\.aspx\/? [^\r\n]{0,200}DisplayMode=Edit[^\r\n]{0,400}\/SignOut\.aspx/ ascii nocase

    condition:
        $log_head and $request
}
