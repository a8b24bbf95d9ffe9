"""What tests stand on: database servers, apps, real server processes, a browser, a page client."""
