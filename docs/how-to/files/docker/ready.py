"""Ask the pages of this container whether they may be asked: ends with 0 if so."""

import os
import ssl
import sys
from http.client import HTTPConnection, HTTPSConnection

port = int(os.environ.get("PROCESS_MANAGER_WEB_PORT", "8000"))
if "PROCESS_MANAGER_WEB_CERTIFICATE" in os.environ:
    trusting = ssl.create_default_context()
    trusting.check_hostname = False  # it is this container: the certificate is for those outside
    trusting.verify_mode = ssl.CERT_NONE
    connection: HTTPConnection = HTTPSConnection("127.0.0.1", port, timeout=4, context=trusting)
else:
    connection = HTTPConnection("127.0.0.1", port, timeout=4)
connection.request("GET", "/api/v1/health/ready")
sys.exit(connection.getresponse().status != 200)
