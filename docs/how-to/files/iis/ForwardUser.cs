// In App_Code of the site: tells process-manager who Windows has signed on, once that is known. Rules of URL Rewrite run
// before that, so that {LOGON_USER} is empty in them.
using System;
using System.Configuration;
using System.Linq;
using System.Security.Principal;
using System.Web;

public class ForwardUser : IHttpModule
{
    private const string Proxy = "X-Process-Manager-Proxy";
    private const string User = "X-Process-Manager-User";
    private const string Groups = "X-Process-Manager-Groups";

    // What is sent from outside is removed, also for those whom nobody has signed on.
    private static readonly string[] Ours =
    {
        Proxy, User, Groups, "X-Forwarded-For", "X-Forwarded-Proto", "X-Forwarded-Host"
    };

    public void Init(HttpApplication application)
    {
        application.PostAuthorizeRequest += (sender, arguments) => Forward(application.Context);
    }

    public void Dispose()
    {
    }

    private static void Forward(HttpContext context)
    {
        var request = context.Request;
        foreach (var name in Ours)
        {
            request.Headers.Remove(name);
        }
        request.Headers.Set(Proxy, ConfigurationManager.AppSettings["ProxySecret"]);
        request.Headers.Set("X-Forwarded-For", request.UserHostAddress);
        request.Headers.Set("X-Forwarded-Proto", request.IsSecureConnection ? "https" : "http");
        request.Headers.Set("X-Forwarded-Host", request.Headers["Host"]);

        var user = context.User as WindowsPrincipal;
        if (user == null || !user.Identity.IsAuthenticated)
        {
            return;
        }
        request.Headers.Remove("Authorization");
        request.Headers.Set(User, user.Identity.Name);
        var groups = (ConfigurationManager.AppSettings["Groups"] ?? "")
            .Split(new[] { ';' }, StringSplitOptions.RemoveEmptyEntries)
            .Select(group => group.Trim())
            .Where(group => user.IsInRole(group));
        request.Headers.Set(Groups, string.Join(";", groups));
    }
}
